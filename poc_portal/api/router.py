"""URLs of the API, gathered from the apps.

The module an app names in ``AppConfig.api_module`` maps resource names to viewsets in
``resources``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from poc_portal.api.views import ExplorerView, RootView, SchemaView, SignInView, SignOutView
from poc_portal.declarations import modules


@cache
def resources() -> dict[str, Any]:
    """Viewsets by the name of their resource."""
    found: dict[str, Any] = {}
    for module in modules("api"):
        found |= module.resources
    return found


def resource_names() -> list[str]:
    return sorted(resources())


def urls() -> list:
    router = DefaultRouter(use_regex_path=False)
    router.include_format_suffixes = False
    router.APIRootView = RootView
    for name, viewset in resources().items():
        router.register(name, viewset, basename=name)
    # Without the slash too: a POST cannot be redirected.
    bulk = [
        path(
            f"{name}/bulk",
            viewset.as_view(
                {"post": "bulk"}, basename=name, **viewset.bulk.kwargs | {"schema": None}
            ),
        )
        for name, viewset in resources().items()
        if hasattr(viewset, "bulk")
    ]
    return [
        *bulk,
        path("tokens/", SignInView.as_view(), name="api-sign-in"),
        path("tokens/current/", SignOutView.as_view(), name="api-sign-out"),
        path("schema/", SchemaView.as_view(), name="schema"),
        path("", include(router.urls)),
        path("explorer/", ExplorerView.as_view(url_name="schema"), name="api-explorer"),
    ]
