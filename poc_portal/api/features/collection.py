"""A resource as a layer."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import DateTimeField, Max, Min, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from rest_framework.exceptions import ValidationError
from shapely import box as rectangle
from shapely.geometry import shape

from poc_portal.api.features.questions import bbox, interval, moment
from poc_portal.api.features.standard import (
    CRS84,
    GEOJSON,
    GREGORIAN,
    HTML,
    JSON,
    KNOWN,
    LARGEST,
    LARGEST_KEY,
    PAGE,
    link,
)
from poc_portal.api.projection import Projection, as_feature
from poc_portal.api.renderers import encode_json
from poc_portal.api.router import resources
from poc_portal.api.strict import refuse_unknown
from poc_portal.api.viewsets import ReadViewSet

COUNTED = 10_000  # features up to which a page says how many there are in all

if TYPE_CHECKING:
    from poc_portal.api.features.views import OGCView


def collections() -> dict[str, type[ReadViewSet]]:
    return {
        name: viewset
        for name, viewset in resources().items()
        if getattr(viewset, "times", None) is not None
    }


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
        return Projection(self.source.row_serializer(), queryset)

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
        aggregates: dict[str, Any] = {}
        if not self._has_polygons():
            aggregates |= {"west": Min("longitude"), "south": Min("latitude"),
                      "east": Max("longitude"), "north": Max("latitude")}  # fmt: skip
        times = self.source.times  # type: ignore[attr-defined]
        if times:
            aggregates |= {"first": Min(times[0]), "last": Max(times[-1])}
        queryset = self.source.queryset.all().visible_to(self.request.user)  # type: ignore
        found = queryset.order_by().aggregate(**aggregates) if aggregates else {}
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
                "interval": [[moment(found["first"]), moment(found["last"])]],
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
        filterset = self.source.filterset()
        known = KNOWN | set(filterset.base_filters if filterset else ())
        refuse_unknown(self.request.query_params, known, parameter=True)
        queryset = self.source.filter_queryset(self.queryset())
        given = self.request.query_params
        if box := given.get("bbox"):
            queryset = self._within(queryset, box)
        if (times := given.get("datetime")) and self.source.times:
            queryset = queryset.filter(self._during(times))
        return queryset.order_by("-pk")

    def _within(self, queryset: QuerySet, text: str) -> QuerySet:
        west, south, east, north = bbox(text)
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
        first, last = interval(text)
        times = self.source.times or ()
        if not isinstance(self.model._meta.get_field(times[0]), DateTimeField):
            return self._between(times, first and first.date(), last and last.date())
        # Without an offset a moment is of the clocks that each record goes by.
        found = Q(pk__in=[])
        for zone, whose in self.source.clocks():
            found |= whose & self._between(times, *interval(text, zone))
        return found

    @staticmethod
    def _between(
        times: tuple[str, ...], first: datetime.date | None, last: datetime.date | None
    ) -> Q:
        begins, ends = times[0], times[-1]
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
            self.matched = _count(queryset)
        elif cursor.isdecimal() and int(cursor) <= LARGEST_KEY:
            queryset = queryset.filter(pk__lt=int(cursor))
        else:
            raise ValidationError({"cursor": gettext("Take the cursor from the link “next”.")})
        return queryset[: limit + 1], limit

    def _limit(self) -> int:
        given = self.request.query_params.get("limit", str(PAGE))
        if not given.isdecimal() or not int(given[:20]) >= 1:
            raise ValidationError(
                {"limit": gettext("“%(given)s” is not a number from 1 to %(most)d.")
                 % {"given": given[:20], "most": LARGEST}}
            )  # fmt: skip
        return min(int(given[:20]), LARGEST)  # the standard: more than the most is the most

    def _next(self, key: int) -> dict:
        query = self.request.query_params.copy()
        query["cursor"] = str(key)
        base = self.request.build_absolute_uri(self.request.path)
        return link("next", f"{base}?{query.urlencode()}", GEOJSON, gettext("Next page"))

    def as_features(self) -> HttpResponse:
        queryset, limit = self._window()
        rows = self.source.written(queryset, form=as_feature)
        links = [*self.view.links(GEOJSON), link("collection",
                 self.view.address("collection", self.name), JSON, self.title)]  # fmt: skip
        if len(rows) > limit:
            rows.pop()
            links.append(self._next(rows[-1][0]))
        head = {"type": "FeatureCollection", "timeStamp": moment(timezone.now()),
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
        features = self.projection(queryset).json_features()
        if not features:
            raise Http404
        links = [*self.view.links(GEOJSON), link("collection",
                 self.view.address("collection", self.name), JSON, self.title)]  # fmt: skip
        (text,) = features
        return HttpResponse(f'{text[:-1]},"links":{encode_json(links)}}}', content_type=GEOJSON)


def _count(queryset: QuerySet) -> int | None:
    """How many there are; None, which the standard allows, where counting would take long."""
    found = queryset.order_by().values("pk")[: COUNTED + 1].count()
    return None if found > COUNTED else found
