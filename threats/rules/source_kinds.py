"""How exactly a reader is told what kind of source spoke.

“One liaison assistant” in a place that has one names him. Below the clearance a mission chooses
(``ThreatRules.source_kinds_from``) a source's kind is shown, filtered and sorted by its group alone,
everywhere; the group goes by the code of its plainest kind (``threats.choices.SOURCE_GROUPS``).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

from django.db.models import Case, CharField, F, Q, Value, When

from missions.access import clearance_in, grants
from missions.choices import Classification
from missions.models import Mission
from threats.choices import SOURCE_GROUP_OF, SOURCE_GROUPS, SourceKind
from threats.models.rules import ThreatRules

Strict = Classification.STRICTLY_CONFIDENTIAL


def sees_exactly(user: Any, mission: Mission) -> bool:
    """Whether the user is told the exact kinds of sources in a mission."""
    clearance = clearance_in(user, mission)
    return clearance is not None and clearance >= ThreatRules.of(mission).source_kinds_from


def shown_kind(kind: str, *, is_exact: bool) -> str:
    """The code a reader is given."""
    return kind if is_exact or not kind else SOURCE_GROUP_OF[SourceKind(kind)]


class TellsSourceKind:
    """A record with the kind of a source in ``kind_field``, which not every reader is told exactly."""

    kind_field: ClassVar[str]

    def told_to(self, user: Any, name: str) -> Any:
        value = super().told_to(user, name)  # type: ignore[misc]
        if name != self.kind_field:
            return value
        return shown_kind(value, is_exact=sees_exactly(user, self.mission))  # type: ignore[attr-defined]


def told_kind(kind: str, *, is_exact: bool) -> str:
    """The same in words."""
    if is_exact:
        return str(SourceKind(kind).label)
    return str(SOURCE_GROUPS[SOURCE_GROUP_OF[SourceKind(kind)]][0])


def group_choices() -> list[tuple[str, Any]]:
    """The groups as choices of a field."""
    return [(group.value, label) for group, (label, _kinds) in SOURCE_GROUPS.items()]


def kept_kind(stored: str, given: str, *, is_exact: bool) -> str:
    """What to store where somebody gives a kind: who sees the group alone changes it alone.

    Whatever they give of the same group leaves what is stored, so that nothing is lost, and nothing
    learnt by trying.
    """
    if is_exact or SOURCE_GROUP_OF[SourceKind(given)] != SOURCE_GROUP_OF[SourceKind(stored)]:
        return given
    return stored


def seen_exactly(user: Any) -> Q:
    """Condition on records of missions: in theirs the user is told the exact kinds."""
    missions = defaultdict(list)
    for mission, grant in grants(user).items():
        missions[grant.clearance].append(mission)
    found = Q(pk__in=())
    for clearance, keys in missions.items():
        chosen = Q(mission__threatrules__source_kinds_from__lte=clearance)
        if clearance >= Strict:
            chosen |= Q(mission__threatrules__isnull=True)
        found |= Q(mission__in=keys) & chosen
    return found


def shown_in_sql(user: Any, name: str) -> Case:
    """What ``shown_kind`` gives, for the column ``name``."""
    return Case(
        When(seen_exactly(user), then=F(name)),
        *(
            When(Q(**{f"{name}__in": kinds}), then=Value(group.value))
            for group, (_label, kinds) in SOURCE_GROUPS.items()
        ),
        default=F(name),
        output_field=CharField(),
    )


def is_of_kind(user: Any, name: str, kind: str) -> Q | None:
    """Condition of being shown as ``kind``; None where no record is ever shown so to the user."""
    exact = seen_exactly(user)
    if kind in SOURCE_GROUPS:
        _label, kinds = SOURCE_GROUPS[SourceKind(kind)]
        return (exact & Q(**{name: kind})) | (~exact & Q(**{f"{name}__in": kinds}))
    sees_any = any(
        sees_exactly(user, mission) for mission in Mission.objects.filter(pk__in=list(grants(user)))
    )
    return exact & Q(**{name: kind}) if sees_any else None
