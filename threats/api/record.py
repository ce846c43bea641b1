from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, DateField, Value, When
from rest_framework import serializers

from missions.access import grants
from missions.models import Mission
from threats.scoring.record import record_for


class NoRecordSince(serializers.DateField):
    """The last day any source tells of, as the caller may know; null where that is today."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            read_only=True, allow_null=True, source="mission",
            help_text="Last day any source tells of, where that lies before the mission's today: the "
            "score is of that day, and what happened since is not known.",
            **kwargs,
        )  # fmt: skip
        self._known: dict[int, datetime.date | None] = {}

    def to_representation(self, mission: Any) -> Any:
        """By the mission of the record, read once for each."""
        if mission.pk not in self._known:
            request = self.context.get("request")
            user = request.user if request is not None else None
            self._known[mission.pk] = record_for(mission, user).no_record_since
        day = self._known[mission.pk]
        return None if day is None else super().to_representation(day)

    def expression(self, model: type, source: str) -> tuple[Case, str]:
        """The same for PostgreSQL, which writes whole lists itself."""
        user = self.context["request"].user
        ended = {
            mission.pk: record_for(mission, user).no_record_since
            for mission in Mission.objects.filter(pk__in=list(grants(user)))
        }
        whens = [When(mission=pk, then=Value(day)) for pk, day in ended.items() if day]
        return Case(*whens, default=None, output_field=DateField()), "value"
