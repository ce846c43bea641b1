"""The matrix: what is planned, done, overdue and missing against each threat.

Computed, never stored. A cell is required when its phase is among those the threat's current
phase calls for (the mission's table). Its state is the worst of its live activities (overdue,
under way, planned); without any, done if one was completed within the threat's current phase;
else, if required, a gap.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from missions.choices import Phase, Tier
from missions.models import FieldOffice, Mission
from strategies.as_of import activities_on, threats_on
from strategies.choices import ActivityStatus, CellState
from strategies.models import Activity
from strategies.models.activity import LIVE
from threats.choices import ThreatStatus
from threats.models import Community, Threat

Key = tuple[int, str]  # tier, phase
KEYS: tuple[Key, ...] = tuple((tier, phase) for tier in Tier.values for phase in Phase.values)
UNASSESSED_WEIGHT = 1  # a threat nobody has assessed yet still counts


@dataclass
class Cell:
    """One tier × phase of one threat."""

    tier: int
    phase: str
    is_required: bool
    state: str = CellState.NOT_REQUIRED
    activities: list[Activity] = field(default_factory=list)
    suggestions: list = field(default_factory=list)  # of the catalogue, for who may plan

    @property
    def label(self) -> str:
        return str(CellState(self.state).label)

    @property
    def phase_label(self) -> str:
        return str(Phase(self.phase).label)


@dataclass
class MissionCell:
    """One tier × phase over all active threats. Weights are likelihood × impact."""

    tier: int
    phase: str
    required: int = 0  # threats that call for the cell
    required_weight: int = 0
    by_state: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    weight_by_state: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def gaps(self) -> int:
        return self.by_state[CellState.GAP]

    @property
    def overdue(self) -> int:
        return self.by_state[CellState.OVERDUE]

    @property
    def covered_share(self) -> float | None:
        """Share of the required weight that is planned, under way or done; None: not required."""
        if not self.required_weight:
            return None
        lacking = self.weight_by_state[CellState.GAP] + self.weight_by_state[CellState.OVERDUE]
        return 1 - lacking / self.required_weight

    @property
    def percent(self) -> int | None:
        return None if self.covered_share is None else round(100 * self.covered_share)

    @property
    def cover(self) -> str:
        """How well it is covered, in words for the page: under a third, under two thirds, more."""
        share = self.covered_share or 0
        return "low" if share < 1 / 3 else "middle" if share < 2 / 3 else "high"


def cell_state(
    activities: Sequence[Activity],
    *,
    is_required: bool,
    phase_since: datetime.date,
    today: datetime.date,
) -> str:
    """State of a cell from its activities."""
    live = [activity for activity in activities if activity.status in LIVE]
    if any(activity.due < today for activity in live):
        return CellState.OVERDUE
    if any(activity.status == ActivityStatus.UNDER_WAY for activity in live):
        return CellState.UNDER_WAY
    if live:
        return CellState.PLANNED
    if any(
        activity.status == ActivityStatus.DONE
        and activity.completed_on is not None
        and activity.completed_on >= phase_since
        for activity in activities
    ):
        return CellState.DONE
    return CellState.GAP if is_required else CellState.NOT_REQUIRED


def threat_matrix(
    mission: Mission, threat: Threat, activities: Iterable[Activity], day: datetime.date
) -> list[Cell]:
    """The 12 cells of one threat on a day, in the order of KEYS."""
    called_for = mission.required_phases[threat.phase]
    by_key: dict[Key, list[Activity]] = defaultdict(list)
    for activity in activities:
        by_key[activity.tier, activity.phase].append(activity)
    cells = []
    for tier, phase in KEYS:
        cell = Cell(tier, phase, phase in called_for, activities=by_key[tier, phase])
        cell.state = cell_state(
            cell.activities,
            is_required=cell.is_required,
            phase_since=threat.phase_since,
            today=day,
        )
        cells.append(cell)
    return cells


def matrices(
    mission: Mission, user, threats: Sequence[Threat], day: datetime.date | None = None
) -> dict[int, list[Cell]]:
    """Matrices of many threats by id, in two queries, from what the user may see.

    With a ``day``, as they stood at its end.
    """
    links = Activity.threats.through.objects.filter(
        threat_id__in=[threat.pk for threat in threats]
    ).values_list("threat_id", "activity_id")
    by_threat: dict[int, list[int]] = defaultdict(list)
    for threat_id, activity_id in links:
        by_threat[threat_id].append(activity_id)
    wanted = {activity_id for ids in by_threat.values() for activity_id in ids}
    known: Iterable[Activity] = (
        Activity.objects.visible_to(user)
        .filter(mission=mission, pk__in=wanted)
        .select_related("lead_component")
    )
    if day is not None:
        known = activities_on(day, known)
    activities = {activity.pk: activity for activity in known}
    return {
        threat.pk: threat_matrix(
            mission,
            threat,
            [activities[pk] for pk in sorted(by_threat[threat.pk]) if pk in activities],
            day or mission.today,
        )
        for threat in threats
    }


@dataclass(frozen=True)
class Gap:
    """A required cell of an active threat with nothing planned in it.

    ``people``: known to be exposed, displaced people counted twice; None where unknown.
    ``weight``: likelihood × impact × people, with the mission's median where people are unknown,
    so that not knowing neither hides a gap nor puts it first.
    """

    threat: Threat
    cell: Cell
    people: int | None
    weight: float


class Coverage:
    """The matrices of a mission's active threats, as one reader may see them; read once.

    With a ``day``, as status, phases and activities stood at its end; risk is today's, so that a
    difference to today is one of plans. With an ``office``, of the threats in its areas alone.
    """

    def __init__(
        self,
        mission: Mission,
        user,
        day: datetime.date | None = None,
        office: FieldOffice | None = None,
    ):
        self.mission, self.user, self.day = mission, user, day
        threats = (
            Threat.objects.visible_to(user)
            .filter(mission=mission)
            .with_current_assessment(user)
            .select_related("mission", "admin_area__field_office")
        )
        if office is not None:
            threats = threats.filter(admin_area__field_office=office)
        if day is None:
            self.threats = list(threats.active())
        else:
            stood = threats_on(day, threats)
            self.threats = [threat for threat in stood if threat.status == ThreatStatus.ACTIVE]
        self.cells = matrices(mission, user, self.threats, day)

    def matrix(self, chosen: Iterable[Threat] | None = None) -> list[MissionCell]:
        """The matrices summed by weight, of all threats or of those chosen; 12 cells in order."""
        totals = {key: MissionCell(*key) for key in KEYS}
        for threat in self.threats if chosen is None else chosen:
            weight = self._risk(threat)
            for cell in self.cells[threat.pk]:
                if not cell.is_required:
                    continue
                total = totals[cell.tier, cell.phase]
                total.required += 1
                total.required_weight += weight
                total.by_state[cell.state] += 1
                total.weight_by_state[cell.state] += weight
        return list(totals.values())

    def grouped(self, name: Callable[[Threat], str]) -> list[tuple[str, list[MissionCell]]]:
        """A matrix for each group of threats, by the name it is given; in their order."""
        groups: dict[str, list[Threat]] = defaultdict(list)
        for threat in self.threats:
            groups[name(threat)].append(threat)
        return [(group, self.matrix(groups[group])) for group in sorted(groups)]

    def gaps(self) -> list[Gap]:
        """Every gap, the heaviest first."""
        people = self._people()
        known = sorted(number for number in people.values() if number is not None)
        usual: int = known[len(known) // 2] if known else 1
        found = []
        for threat in self.threats:
            exposed = people[threat.pk]
            weight = self._risk(threat) * float(usual if exposed is None else exposed)
            found += [
                Gap(threat, cell, exposed, weight)
                for cell in self.cells[threat.pk]
                if cell.state == CellState.GAP
            ]
        return sorted(found, key=lambda gap: (-gap.weight, gap.threat.pk, gap.cell.tier))

    def _people(self) -> dict[int, int | None]:
        """Known people exposed by threat: those of its communities the reader may see."""
        links = Threat.communities.through.objects.filter(
            threat_id__in=[threat.pk for threat in self.threats],
            community__in=Community.objects.visible_to(self.user),
        ).values_list("threat_id", "community__population", "community__displaced_population")
        people: dict[int, int | None] = {threat.pk: None for threat in self.threats}
        for threat, population, displaced in links:
            if population is not None or displaced is not None:
                exposed = (population or 0) + 2 * (displaced or 0)
                people[threat] = (people[threat] or 0) + exposed
        return people

    @staticmethod
    def _risk(threat: Threat) -> int:
        return threat.risk or UNASSESSED_WEIGHT  # type: ignore[attr-defined]


def mission_matrix(mission: Mission, user) -> list[MissionCell]:
    """The matrices of all active threats, summed by weight; the 12 cells in order."""
    return Coverage(mission, user).matrix()


def as_rows(cells: Sequence) -> list[tuple[Tier, list]]:
    """Cells as one row a tier, for the page."""
    return [(Tier(tier), [cell for cell in cells if cell.tier == tier]) for tier in Tier.values]
