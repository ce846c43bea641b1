"""Moments as people and machines give them: without an offset, by the clocks of the mission.

A form, a sheet and a call that say “2022-12-31T18:00” mean six in the evening where the mission is.
What comes with an offset stands as given.
"""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.text import format_lazy
from django.utils.timezone import is_naive
from rest_framework import serializers

from missions.models import Mission

SAID = "Without an offset, by the clocks of the mission."


class MomentField(serializers.DateTimeField):
    """A moment; its serializer says by ``zone`` or a ``mission`` in its context whose clocks rule."""

    def __init__(self, **kwargs: Any):
        if not kwargs.get("read_only"):
            said = kwargs.get("help_text") or ""
            kwargs["help_text"] = format_lazy("{} {}", said, SAID) if said else SAID
        super().__init__(**kwargs)

    def enforce_timezone(self, value: datetime.datetime) -> datetime.datetime:
        if is_naive(value):
            zone = self._zone()
            value = value if zone is None else value.replace(tzinfo=zone)
        return super().enforce_timezone(value)

    def _zone(self) -> ZoneInfo | None:
        """None where no mission is named that the caller may see: that is refused anyway."""
        mission = self.context.get("mission")
        if mission is not None:
            return mission.zone
        find = getattr(self.parent, "zone", None)
        return None if find is None else find()


class _Given(forms.DateTimeField):
    """A moment as it was given, without an offset where it has none."""

    def to_python(self, value: Any) -> datetime.datetime | None:
        if value in self.empty_values:
            return None
        text = str(value).strip()
        try:  # a plus sign left unescaped in a URL
            found = parse_datetime(text) or parse_datetime(text.replace(" ", "+"))
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class MomentFilter(django_filters.IsoDateTimeFilter):
    """Compares with a moment; one without an offset is of each record's own mission's clocks."""

    field_class = _Given

    def filter(self, qs: Any, value: datetime.datetime | None) -> Any:
        if value is None or not is_naive(value):
            return super().filter(qs, value)
        path = f"{self.field_name}__{self.lookup_expr}"
        found = Q(pk__in=[])
        for mission in Mission.objects.visible_to(self.parent.request.user):
            found |= Q(**{path: value.replace(tzinfo=mission.zone)}, mission=mission)
        return self.get_method(qs)(found)
