"""OGC API – Features, part 1: what QGIS and other maps add as layers.

A collection is a resource of the API whose viewset names its moments in ``times``; its features
are the resource's records, filtered by the same names and seen through the same rules.
"""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateTimeField, F, Max, Min, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import urlencode as encode_query
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView
from shapely import box as rectangle
from shapely.geometry import shape

from poc_portal.api.projection import Projection
from poc_portal.api.renderers import encode_json
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS_TO = [f"{CORE}{name}" for name in ("core", "geojson", "html")]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
PAGE, LARGEST = 100, 10_000
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA = "application/vnd.oai.openapi+json;version=3.1"
KNOWN = frozenset({"bbox", "datetime", "limit", "cursor", "f", "search"})
LARGEST_KEY = 2**63 - 1

FORM = OpenApiParameter("f", str, enum=["json", "html"], description="By default as accepted.")


def collections() -> dict[str, type[ReadViewSet]]:
    return {
        name: viewset
        for name, viewset in resources().items()
        if getattr(viewset, "times", None) is not None
    }


class AsAsked(BaseContentNegotiation):
    """Views here choose between JSON and HTML themselves; errors are always JSON."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class OGCView(APIView):
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AsAsked
    is_for_any_token = False  # what says which layers there are

    def initial(self, request: Request, *args, **kwargs) -> None:
        self.resource = kwargs.get("name")  # what a token must be good for
        super().initial(request, *args, **kwargs)

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
                link("self", here, HTML, _("This page")),
                link("alternate", f"{base}?{plain}", kind, _("As JSON")),
            ]
        return [
            link("self", here, kind, _("This document")),
            link("alternate", f"{base}?{html}", HTML, _("As a page")),
        ]

    def is_html(self) -> bool:
        form = self.request.query_params.get("f")
        if form not in (None, "json", "html"):
            raise ValidationError({"f": _("“%(f)s” is neither json nor html.") % {"f": form[:20]}})
        accepted = self.request.headers.get("Accept", "")
        return form == "html" or (form is None and accepted.lstrip().startswith(HTML))

    def handle_exception(self, exc):
        # A person following a link signs in; a program is told that it must.
        accepted = self.request.headers.get("Accept", "")
        if isinstance(exc, NotAuthenticated) and accepted.lstrip().startswith(HTML):
            return redirect(
                f"{reverse('login')}?{urlencode({'next': self.request.get_full_path()})}"
            )
        return super().handle_exception(exc)

    def answer(self, body: dict, template: str) -> HttpResponse:
        if self.is_html():
            return render(self.request._request, f"portal/ogc/{template}.html", {"body": body})
        return HttpResponse(encode_json(body), content_type=JSON)


def link(rel: str, href: str, kind: str, title: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind, "title": str(title)}


class LandingView(OGCView):
    is_for_any_token = True

    @extend_schema(operation_id="ogc_landing", parameters=[FORM], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> HttpResponse:
        """Where a map begins: give it this address."""
        schema = request.build_absolute_uri(reverse("schema"))
        explorer = request.build_absolute_uri(reverse("api-explorer"))
        body = {
            "title": _("POC Portal: layers"),
            "description": _("Communities with their risk, what happened, and what is done."),
            "links": [
                *self.links(),
                link("service-desc", f"{schema}?format=json", SCHEMA, _("The API, as OpenAPI")),
                link("service-doc", explorer, HTML, _("The API, as a page")),
                link("conformance", self.address("conformance"), JSON, _("Conformance")),
                link("data", self.address("collections"), JSON, _("Layers")),
            ],
        }
        return self.answer(body, "landing")


class ConformanceView(OGCView):
    is_for_any_token = True

    @extend_schema(operation_id="ogc_conformance", parameters=[FORM], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> HttpResponse:
        """The parts of the standard that hold here."""
        return self.answer({"conformsTo": CONFORMS_TO, "links": self.links()}, "conformance")


class CollectionsView(OGCView):
    is_for_any_token = True

    @extend_schema(operation_id="ogc_collections", parameters=[FORM], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> HttpResponse:
        """The layers, each with the extent of what the caller may see of it."""
        token = request.auth if hasattr(request.auth, "allows") else None
        names = [n for n in collections() if token is None or token.allows("GET", n)]
        found = [Collection(self, name).described() for name in names]
        return self.answer({"links": self.links(), "collections": found}, "collections")


class CollectionView(OGCView):
    @extend_schema(operation_id="ogc_collection", parameters=[FORM], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, name: str) -> HttpResponse:
        """One layer."""
        body = Collection(self, name).described()
        body["links"] = [*self.links(), *body["links"]]
        return self.answer(body, "collection")


class ItemsView(OGCView):
    @extend_schema(
        operation_id="ogc_items",
        parameters=[
            FORM,
            OpenApiParameter("bbox", str, description="West, south, east, north, in degrees."),
            OpenApiParameter("datetime", str, description="A moment, or two with a slash; “..” open."),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST},
                             description="Features a page."),
            OpenApiParameter("cursor", str, description="Taken from the link “next”."),
            OpenApiParameter("search", str, description="As in the resource itself."),
        ],
        responses={(200, GEOJSON): OpenApiTypes.OBJECT},
    )  # fmt: skip
    def get(self, request: Request, name: str) -> HttpResponse:
        """Features, with the filters of the resource of that name besides."""
        collection = Collection(self, name)
        return collection.as_page() if self.is_html() else collection.as_features()


class ItemView(OGCView):
    @extend_schema(
        operation_id="ogc_item", parameters=[FORM], responses={(200, GEOJSON): OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, name: str, key: int) -> HttpResponse:
        """One feature."""
        return Collection(self, name).one(key)


class Collection:
    """A resource as a layer, as one request may see it. Raises Http404 for an unknown name."""

    def __init__(self, view: OGCView, name: str):
        viewset = collections().get(name)
        if viewset is None:
            raise Http404
        self.view, self.name, self.request = view, name, view.request
        self.source = viewset(basename=name, format_kwarg=None)  # type: ignore[call-arg]
        self.source.request, self.source.action = view.request, "items"
        self.source.args, self.source.kwargs = (), {}
        self.model = viewset.queryset.model

    def queryset(self) -> QuerySet:
        return self.source.get_queryset()

    def projection(self, queryset: QuerySet) -> Projection:
        return Projection(self.source.get_serializer(many=True).child, queryset)

    @property
    def title(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))

    def described(self) -> dict[str, Any]:
        return {
            "id": self.name,
            "title": self.title,
            "description": (type(self.source).__doc__ or "").strip().split("\n")[0],
            "itemType": "feature",
            "crs": [CRS84],
            "storageCrs": CRS84,
            "extent": self._extent(),
            "links": [
                link("items", self.view.address("items", self.name), GEOJSON, self.title),
                link("items", self.view.address("items", self.name, f="html"), HTML, self.title),
            ],
        }

    def _extent(self) -> dict[str, Any]:
        asked: dict[str, Any] = {}
        if not self._has_polygons():
            asked |= {"west": Min("longitude"), "south": Min("latitude"),
                      "east": Max("longitude"), "north": Max("latitude")}  # fmt: skip
        times = self.source.times  # type: ignore[attr-defined]
        if times:
            asked |= {"first": Min(times[0]), "last": Max(times[-1])}
        queryset = self.source.queryset.all().visible_to(self.request.user)  # type: ignore
        found = queryset.order_by().aggregate(**asked) if asked else {}
        if self._has_polygons():
            box = self._polygons_box(queryset)
        else:
            box = [found[side] for side in ("west", "south", "east", "north")]
        extent: dict[str, Any] = {
            "spatial": {"bbox": [box if box and None not in box else [-180, -90, 180, 90]],
                        "crs": CRS84}
        }  # fmt: skip
        if found.get("first"):
            extent["temporal"] = {
                "interval": [[_moment(found["first"]), _moment(found["last"])]],
                "trs": GREGORIAN,
            }
        return extent

    def _has_polygons(self) -> bool:
        return not hasattr(self.model, "longitude")

    @staticmethod
    def _polygons_box(queryset: QuerySet) -> list[float] | None:
        bounds = [shape(polygon).bounds for polygon in queryset.values_list("polygon", flat=True)]
        if not bounds:
            return None
        west, south, east, north = zip(*bounds, strict=True)
        return [min(west), min(south), max(east), max(north)]

    # -- features -----------------------------------------------------------------------------

    def _filtered(self) -> QuerySet:
        filterset = getattr(self.source, "filterset_class", None)
        known = KNOWN | set(filterset.base_filters if filterset else ())
        unknown = sorted(set(self.request.query_params) - known)
        if unknown:
            raise ValidationError(
                {unknown[0][:40]: _("There is no such parameter. There are: %(names)s.")
                 % {"names": ", ".join(sorted(known))}}
            )  # fmt: skip
        queryset = self.source.filter_queryset(self.queryset())
        given = self.request.query_params.get
        if given("bbox"):
            queryset = self._within(queryset, given("bbox"))
        if given("datetime") and self.source.times:  # type: ignore[attr-defined]
            queryset = queryset.filter(self._during(given("datetime")))
        return queryset.order_by("-pk")

    def _within(self, queryset: QuerySet, text: str) -> QuerySet:
        west, south, east, north = _bbox(text)
        if self._has_polygons():
            wanted = [rectangle(west, south, east, north)]
            if west > east:  # across the antimeridian
                wanted = [rectangle(west, south, 180, north), rectangle(-180, south, east, north)]
            keys = [
                key
                for key, polygon in queryset.order_by().values_list("pk", "polygon")
                if any(shape(polygon).intersects(part) for part in wanted)
            ]
            return queryset.filter(pk__in=keys)
        queryset = queryset.filter(latitude__range=(south, north))
        if west > east:
            return queryset.filter(Q(longitude__gte=west) | Q(longitude__lte=east))
        return queryset.filter(longitude__range=(west, east))

    def _during(self, text: str) -> Q:
        first, last = _interval(text)
        begins, ends = self.source.times[0], self.source.times[-1]  # type: ignore[attr-defined]
        if not isinstance(self.model._meta.get_field(begins), DateTimeField):
            first = first and first.date()  # type: ignore[assignment]
            last = last and last.date()  # type: ignore[assignment]
        condition = Q()
        if last is not None:
            condition &= Q(**{f"{begins}__lte": last})
        if first is not None:
            condition &= Q(**{f"{ends}__gte": first}) | Q(**{f"{ends}__isnull": True})
        return condition | Q(**{f"{begins}__isnull": True})

    def _window(self) -> tuple[QuerySet, int]:
        limit, queryset = self._limit(), self._filtered()
        self.matched = None
        cursor = self.request.query_params.get("cursor")
        if cursor is None:
            self.matched = queryset.order_by().count()
        elif cursor.isdecimal() and int(cursor) <= LARGEST_KEY:
            queryset = queryset.filter(pk__lt=int(cursor))
        else:
            raise ValidationError({"cursor": _("Take the cursor from the link “next”.")})
        return queryset[: limit + 1], limit

    def _limit(self) -> int:
        given = self.request.query_params.get("limit", str(PAGE))
        if not given.isdecimal() or not int(given[:20]) >= 1:
            raise ValidationError(
                {"limit": _("“%(given)s” is not a number from 1 to %(most)d.")
                 % {"given": given[:20], "most": LARGEST}}
            )  # fmt: skip
        return min(int(given[:20]), LARGEST)  # the standard: more than the most is the most

    def _next(self, key: int) -> dict:
        query = self.request.query_params.copy()
        query["cursor"] = str(key)
        base = self.request.build_absolute_uri(self.request.path)
        return link("next", f"{base}?{query.urlencode()}", GEOJSON, _("Next page"))

    def as_features(self) -> HttpResponse:
        queryset, limit = self._window()
        rows = self.projection(queryset).json_features(F("pk"))
        links = [*self.view.links(GEOJSON), link("collection",
                 self.view.address("collection", self.name), JSON, self.title)]  # fmt: skip
        if len(rows) > limit:
            rows.pop()
            links.append(self._next(rows[-1][0]))
        head = {"type": "FeatureCollection", "timeStamp": _moment(timezone.now()),
                "numberReturned": len(rows), "links": links}  # fmt: skip
        if self.matched is not None:
            head["numberMatched"] = self.matched
        text = ",".join([text for _key, text in rows])
        return HttpResponse(f'{encode_json(head)[:-1]},"features":[{text}]}}', content_type=GEOJSON)

    def as_page(self) -> HttpResponse:
        queryset, limit = self._window()
        projection = self.projection(queryset)
        rows = [list(row) for row in projection.values()]
        following = None
        if len(rows) > limit:
            rows.pop()
            following = self._next(rows[-1][projection.names.index("id")])["href"]
        context = {"name": self.name, "title": self.title, "names": projection.names,
                   "rows": rows, "following": following, "matched": self.matched}  # fmt: skip
        return render(self.request._request, "portal/ogc/items.html", context)

    def one(self, key: int) -> HttpResponse:
        queryset = self.queryset().filter(pk=key)
        if self.view.is_html():
            projection = self.projection(queryset)
            rows = list(projection.values())
            if not rows:
                raise Http404
            context = {"name": self.name, "title": self.title,
                       "facts": list(zip(projection.names, rows[0], strict=True))}  # fmt: skip
            return render(self.request._request, "portal/ogc/item.html", context)
        rows = self.projection(queryset).json_features()
        if not rows:
            raise Http404
        links = [*self.view.links(GEOJSON), link("collection",
                 self.view.address("collection", self.name), JSON, self.title)]  # fmt: skip
        ((text,),) = rows
        return HttpResponse(f'{text[:-1]},"links":{encode_json(links)}}}', content_type=GEOJSON)


def _moment(value: datetime.date | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{value.isoformat()}T00:00:00Z"


def _bbox(text: str) -> tuple[float, float, float, float]:
    """Raises ValidationError. Of six numbers the heights are left aside."""
    try:
        numbers = [float(part) for part in text.split(",")]
        if len(numbers) == 6:
            numbers = [*numbers[:2], *numbers[3:5]]
        west, south, east, north = numbers
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
    except ValueError:
        raise ValidationError(
            {"bbox": _("“%(value)s” is not west,south,east,north in degrees, such as 14,2,28,11.")
             % {"value": text[:60]}}
        ) from None  # fmt: skip
    return west, south, east, north


def _interval(text: str) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """First and last moment, None where open. Raises ValidationError."""
    first, slash, last = text.partition("/")
    try:
        begins = _bound(first, datetime.time.min)
        ends = _bound(last if slash else first, datetime.time.max)
        if (begins is None and ends is None and not slash) or (begins and ends and begins > ends):
            raise ValueError
    except ValueError:
        raise ValidationError(
            {"datetime": _("“%(value)s” is neither a moment nor two such as "
                           "2022-01-01/2022-12-31.") % {"value": text[:60]}}
        ) from None  # fmt: skip
    return begins, ends


def _bound(text: str, time: datetime.time) -> datetime.datetime | None:
    if text in ("", ".."):
        return None
    day = parse_date(text)
    if day is not None:
        return datetime.datetime.combine(day, time, datetime.UTC)
    moment = parse_datetime(text.replace(" ", "+"))
    if moment is None:
        raise ValueError
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


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
