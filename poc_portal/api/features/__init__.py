"""OGC API – Features, part 1: what QGIS and other maps add as layers.

A collection is a resource of the API whose viewset names its moments in ``times``; its features
are the resource's records, filtered by the same names and seen through the same rules.
"""

from django.urls import path

from poc_portal.api.features.views import (
    CollectionsView,
    CollectionView,
    ConformanceView,
    ItemsView,
    ItemView,
    LandingView,
)


def urls() -> list:
    prefix = "ogc/collections"
    return [
        path("ogc", LandingView.as_view(schema=None)),
        path("ogc/", LandingView.as_view(), name="ogc-landing"),
        path("ogc/conformance", ConformanceView.as_view(), name="ogc-conformance"),
        path(prefix, CollectionsView.as_view(), name="ogc-collections"),
        path(f"{prefix}/<str:name>", CollectionView.as_view(), name="ogc-collection"),
        path(f"{prefix}/<str:name>/items", ItemsView.as_view(), name="ogc-items"),
        path(f"{prefix}/<str:name>/items/<int:key>", ItemView.as_view(), name="ogc-item"),
    ]
