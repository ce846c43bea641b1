"""Lists other systems keep a mirror of: ``modified_since=`` and where to go on from."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from missions.access import grants
from missions.models import Followed
from poc_portal.api.errors import Gone
from poc_portal.api.viewsets import FIELDS, HXL, STREAMED, ReadViewSet, json_answer
from records.feed import reading as feed

BEGINNING = "start"
# What may differ between two pages of one mirror.
FREE = frozenset({"cursor", "page_size", "modified_since", "fields", "omit", "format"})
LARGEST = 2**63

MODIFIED_SINCE = OpenApiParameter(
    "modified_since",
    OpenApiTypes.STR,
    description=(
        "What changed at or after a moment (ISO 8601), or everything (“start”), in the order it "
        "was committed. The answer holds “results”, the ids “removed” since (withdrawn, or no "
        "longer for the caller to see, or outside the filters), and “follow”, where to go on "
        "later. A record may come twice; the later one stands. 410: begin again with “start”."
    ),
)


class FollowedViewSet(ReadViewSet):
    """A list that can be followed, where its model is ``Followed``."""

    @classmethod
    def left_out_of_schema(cls) -> frozenset[str]:
        """Parameters the list does not take."""
        followed = issubclass(cls.queryset.model, Followed)
        return frozenset() if followed else frozenset({MODIFIED_SINCE.name})

    @extend_schema(parameters=[MODIFIED_SINCE, *FIELDS, HXL])
    def list(self, request: Request, *args, **kwargs):
        if "modified_since" not in request.query_params:
            return super().list(request, *args, **kwargs)
        if not issubclass(self.queryset.model, Followed):
            raise _refused("modified_since", gettext("This list cannot be followed."))
        if request.accepted_renderer.format in STREAMED:
            return super().list(request, *args, **kwargs)
        return self._changes(request)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """A file of what changed since a moment goes by the records' own dates."""
        queryset = super().filter_queryset(queryset)
        streamed = self.action == "list" and self.request.accepted_renderer.format in STREAMED
        if not streamed or "modified_since" not in self.request.query_params:
            return queryset
        moment = _moment(self.request.query_params["modified_since"])
        if moment is None:
            return queryset
        if not hasattr(queryset.model, "modified_at"):
            raise _refused(
                "modified_since", gettext("Only as JSON does this list know what changed.")
            )
        return queryset.filter(modified_at__gte=moment)

    def sight(self) -> str:
        return feed.access_mark(self.request.user)

    def cleared(self) -> dict[int, frozenset[int]]:
        """In which missions, of what, the caller is told that it is gone."""
        return {grant.mission_id: grant.sights for grant in grants(self.request.user).values()}

    def _changes(self, request: Request) -> HttpResponse:
        if "ordering" in request.query_params:
            raise _refused("ordering", gettext("What changed comes in the order it was committed."))
        paginator: Any = self.paginator
        size = paginator.page_size(request)
        try:
            needed, position = self._begin(request)
            found = feed.changes(
                visible=self.queryset.all().visible_to(request.user),  # type: ignore[attr-defined]
                listed=self._listed,
                cleared=self.cleared(),
                position=position,
                size=size,
            )
        except feed.StartAgain:
            raise Gone from None
        needed = needed if found.more else found.position.transaction
        mark = [*self._fingerprint(), needed, *found.position]
        text = base64.urlsafe_b64encode(json.dumps(mark).encode()).decode("ascii")
        follow = replace_query_param(request.build_absolute_uri(), "cursor", text)
        return json_answer(
            {
                "next": follow if found.more else None,
                "follow": follow,
                "removed": found.removed,
            },
            results=found.records,
        )

    def _listed(self, keys: Sequence[int]) -> dict[int, str]:
        queryset = self.filter_queryset(self.get_queryset()).order_by().filter(pk__in=keys)
        return dict(self.written(queryset))

    def _begin(self, request: Request) -> tuple[int, feed.Position]:
        """From which transaction on removals must be kept, and the position to read from."""
        cursor = request.query_params.get("cursor")
        if cursor:
            needed, position = self._decode(cursor)
            feed.check_retained(needed)
            return needed, position
        moment = _moment(request.query_params["modified_since"])
        if moment is None:
            return feed.horizon()[0], feed.Position()
        position = feed.position_at(moment)
        return position.transaction, position

    def _decode(self, cursor: str) -> tuple[int, feed.Position]:
        try:
            resource, filters, log, access, needed, *position = json.loads(
                base64.urlsafe_b64decode(cursor.encode("ascii"))
            )
            numbers = [needed, *position]
            sound = len(numbers) == 4 and all(
                type(number) is int and 0 <= number < LARGEST for number in numbers
            )
            if not sound or [resource, filters] != self._fingerprint()[:2]:
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            raise _refused(
                "cursor", gettext("This cursor is not one of this list with these filters.")
            ) from None
        if [log, access] != self._fingerprint()[2:]:
            raise feed.StartAgain
        return needed, feed.Position(*position)

    def _fingerprint(self) -> Sequence[Any]:
        """What a cursor holds for: the list, its filters, the database, what the caller may see."""
        given = sorted(
            (name, value)
            for name, values in self.request.query_params.lists()
            for value in values
            if name not in FREE
        )
        filters = hashlib.sha256(repr(given).encode()).hexdigest()[:12]
        return [self.basename, filters, feed.log().pk, feed.access_mark(self.request.user)]


def _moment(given: str):
    """The moment asked for; None: from the beginning."""
    if given == BEGINNING:
        return None
    try:
        moment = parse_datetime(given.replace(" ", "+"))  # a plus sign left unescaped in a URL
    except ValueError:
        moment = None
    if moment is None:
        raise _refused(
            "modified_since",
            gettext("“%(value)s” is not a moment such as 2022-12-31T06:00:00Z, nor “start”.")
            % {"value": given[:40]},
        )
    return make_aware(moment) if is_naive(moment) else moment


def _refused(name: str, message: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({name: message})
