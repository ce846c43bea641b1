"""A mission's rules as fields of its resource, whichever floor they stand on."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from rest_framework import serializers

from missions.models import Mission
from missions.models.rules import MissionRules


class _OfRules(serializers.Field):
    """Mixed into a field: its value stands on the mission's rules of one kind."""

    def __init__(self, rules: type[MissionRules], name: str):
        field: Any = rules._meta.get_field(name)
        super().__init__(
            read_only=True, label=capfirst(field.verbose_name), help_text=field.help_text or None
        )
        self.rules, self.name = rules, name

    def get_attribute(self, instance: Mission) -> Any:
        return getattr(self.rules.of(instance), self.name)


class RulesNumber(_OfRules, serializers.FloatField):
    """A number of the rules."""


class RulesLevel(_OfRules, serializers.IntegerField):
    """A clearance of the rules."""


class RulesObject(_OfRules, serializers.JSONField):
    """An object of the rules."""
