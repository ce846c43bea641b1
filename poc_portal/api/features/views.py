"""The documents of the standard, as JSON and as pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode as encode_query
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from poc_portal.api.features.collection import Collection, collections
from poc_portal.api.features.standard import CONFORMS_TO, GEOJSON, HTML, JSON, LARGEST, SCHEMA, link
from poc_portal.api.renderers import encode_json
from poc_portal.api.strict import StrictView, parameters_of

DOCUMENT = {(200, JSON): OpenApiTypes.OBJECT, (200, HTML): OpenApiTypes.STR}
FEATURES = {(200, GEOJSON): OpenApiTypes.OBJECT, (200, HTML): OpenApiTypes.STR}
OF_TIME = "A moment, or two with a slash; “..” open. Without an offset, by the clocks of each record's mission."
FORM = OpenApiParameter("f", str, enum=["json", "html"], description="By default as accepted.")


class AsAsked(BaseContentNegotiation):
    """Views here choose between JSON and HTML themselves; errors are always JSON."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class OGCView(StrictView):
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AsAsked
    is_for_any_token = False  # what says which layers there are

    def initial(self, request: Request, *args, **kwargs) -> None:
        self.resource = kwargs.get("name")  # what a token must be good for
        super().initial(request, *args, **kwargs)

    def known_parameters(self) -> frozenset[str] | None:
        return parameters_of(self)

    def address(self, name: str, *args: Any, **query: Any) -> str:
        found = self.request.build_absolute_uri(reverse(f"ogc-{name}", args=args))
        return f"{found}?{urlencode(query)}" if query else found

    def links(self, kind: str = JSON) -> list[dict]:
        """This document, and the same in its other form."""
        here = self.request.build_absolute_uri()
        rest = {k: v for k, v in self.request.query_params.lists() if k != "f"}
        base = self.request.build_absolute_uri(self.request.path)
        html = encode_query({**rest, "f": "html"}, doseq=True)
        plain = encode_query({**rest, "f": "json"}, doseq=True)
        if self.is_html():
            return [
                link("self", here, HTML, gettext("This page")),
                link("alternate", f"{base}?{plain}", kind, gettext("As JSON")),
            ]
        return [
            link("self", here, kind, gettext("This document")),
            link("alternate", f"{base}?{html}", HTML, gettext("As a page")),
        ]

    def is_html(self) -> bool:
        form = self.request.query_params.get("f")
        if form not in (None, "json", "html"):
            raise ValidationError(
                {"f": gettext("“%(f)s” is neither json nor html.") % {"f": form[:20]}}
            )
        accepted = self.request.headers.get("Accept", "")
        return form == "html" or (form is None and accepted.lstrip().startswith(HTML))

    def handle_exception(self, exc):
        # A person following a link signs in; a program is told that it must.
        accepted = self.request.headers.get("Accept", "")
        if isinstance(exc, NotAuthenticated) and accepted.lstrip().startswith(HTML):
            return redirect(
                f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': self.request.get_full_path()})}"
            )
        return super().handle_exception(exc)

    def answer(self, body: dict, template: str) -> HttpResponse:
        if self.is_html():
            return render(self.request._request, f"portal/ogc/{template}.html", {"body": body})
        return HttpResponse(encode_json(body), content_type=JSON)


class LandingView(OGCView):
    is_for_any_token = True

    @extend_schema(operation_id="ogc_landing", parameters=[FORM], responses=DOCUMENT)
    def get(self, request: Request) -> HttpResponse:
        """Where a map begins: give it this address."""
        schema = request.build_absolute_uri(reverse("schema"))
        explorer = request.build_absolute_uri(reverse("api-explorer"))
        body = {
            "title": gettext("POC Portal: layers"),
            "description": gettext("Communities with their risk, what happened, and what is done."),
            "links": [
                *self.links(),
                link(
                    "service-desc", f"{schema}?format=json", SCHEMA, gettext("The API, as OpenAPI")
                ),
                link("service-doc", explorer, HTML, gettext("The API, as a page")),
                link("conformance", self.address("conformance"), JSON, gettext("Conformance")),
                link("data", self.address("collections"), JSON, gettext("Layers")),
            ],
        }
        return self.answer(body, "landing")


class ConformanceView(OGCView):
    is_for_any_token = True

    @extend_schema(operation_id="ogc_conformance", parameters=[FORM], responses=DOCUMENT)
    def get(self, request: Request) -> HttpResponse:
        """The parts of the standard that hold here."""
        return self.answer({"conformsTo": CONFORMS_TO, "links": self.links()}, "conformance")


class CollectionsView(OGCView):
    is_for_any_token = True

    @extend_schema(operation_id="ogc_collections", parameters=[FORM], responses=DOCUMENT)
    def get(self, request: Request) -> HttpResponse:
        """The layers, each with the extent of what the caller may see of it."""
        token = request.auth if hasattr(request.auth, "allows") else None
        names = [n for n in collections() if token is None or token.allows("GET", n)]
        found = [Collection(self, name).described() for name in names]
        return self.answer({"links": self.links(), "collections": found}, "collections")


class CollectionView(OGCView):
    @extend_schema(operation_id="ogc_collection", parameters=[FORM], responses=DOCUMENT)
    def get(self, request: Request, name: str) -> HttpResponse:
        """One layer."""
        body = Collection(self, name).described()
        body["links"] = [*self.links(), *body["links"]]
        return self.answer(body, "collection")


class ItemsView(OGCView):
    is_layer = True

    def known_parameters(self) -> None:
        """Those of the layer's own resource besides, which the layer knows."""

    @extend_schema(
        operation_id="ogc_items",
        parameters=[
            FORM,
            OpenApiParameter("bbox", str, description="West, south, east, north, in degrees."),
            OpenApiParameter("datetime", str, description=OF_TIME),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST},
                             description="Features a page."),
            OpenApiParameter("cursor", str, description="Taken from the link “next”."),
            OpenApiParameter("search", str, description="As in the resource itself."),
        ],
        responses=FEATURES,
    )  # fmt: skip
    def get(self, request: Request, name: str) -> HttpResponse:
        """Features, with the filters of the resource of that name besides."""
        collection = Collection(self, name)
        return collection.as_page() if self.is_html() else collection.as_features()


class ItemView(OGCView):
    @extend_schema(operation_id="ogc_item", parameters=[FORM], responses=FEATURES)
    def get(self, request: Request, name: str, key: int) -> HttpResponse:
        """One feature."""
        return Collection(self, name).one(key)
