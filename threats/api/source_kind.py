"""A source's kind over REST, as exactly as the caller may know it."""

from __future__ import annotations

from typing import Any

from django.db.models import Case
from rest_framework import serializers

from records.said import must_say
from threats.choices import SOURCE_GROUPS, SourceKind
from threats.rules.source_kinds import kept_kind, sees_exactly, shown_in_sql, shown_kind

GROUPS = "; ".join(
    f"{group.value} ({', '.join(kind.value for kind in kinds)})"
    for group, (_label, kinds) in SOURCE_GROUPS.items()
    if len(kinds) > 1
)
HELP = (
    "Exact from the clearance the mission chooses on (`source_kinds_from`). Callers cleared for less "
    f"read the group, {GROUPS}; what they write of the same group leaves what is stored."
)


class SourceKindField(serializers.ChoiceField):
    """Read, filtered and written without telling more than the caller is cleared for."""

    def __init__(self, **kwargs: Any):
        said = must_say("source_kind", SourceKind.values)
        super().__init__(choices=SourceKind.choices, help_text=HELP, **{**said, **kwargs})
        self._exact: dict[int, bool] = {}

    def get_attribute(self, instance: Any) -> Any:
        kind = str(super().get_attribute(instance))
        return shown_kind(kind, is_exact=self._is_exact(instance))

    def run_validation(self, data: Any = serializers.empty) -> Any:
        given = super().run_validation(data)
        record = getattr(self.parent, "instance", None)
        if getattr(record, "pk", None) is None or not given:
            return given
        stored = getattr(record, str(self.source))
        return kept_kind(stored, given, is_exact=self._is_exact(record))

    def _is_exact(self, record: Any) -> bool:
        if record.mission_id not in self._exact:
            user = self.context["request"].user
            self._exact[record.mission_id] = sees_exactly(user, record.mission)
        return self._exact[record.mission_id]

    def expression(self, model: type, source: str) -> tuple[Case, str]:
        """The same for PostgreSQL, which writes whole lists itself."""
        return shown_in_sql(self.context["request"].user, source), "text"
