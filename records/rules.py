"""A mission's rules as fields of its resource, whichever floor they stand on."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from missions.models import Mission
from missions.models.rules import MissionRules


class _OfRules(serializers.Field):
    """Mixed into a field: its value stands on the mission's rules of one kind."""

    def __init__(self, rules: type[MissionRules], **kwargs: Any):
        super().__init__(read_only=True, **kwargs)
        self.rules = rules

    def get_attribute(self, instance: Mission) -> Any:
        return getattr(self.rules.of(instance), str(self.field_name))


class RulesNumber(_OfRules, serializers.FloatField):
    """A number of the rules."""


class RulesObject(_OfRules, serializers.JSONField):
    """An object of the rules."""
