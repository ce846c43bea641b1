"""Coverage of a mission: its matrix, whole and by group; gaps by weight; what a cell holds."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q
from django.utils.translation import gettext

from missions.access import Reader
from missions.models import AdminArea, Component, FieldOffice, Mission
from strategies.choices import ActivityStatus as S
from strategies.choices import CellState
from strategies.coverage.cells import KEYS, Cell, MissionCell
from strategies.coverage.states import STATES, required_cells, state_codes
from strategies.coverage.threat import matrices
from strategies.models import Activity, CatalogueActivity
from strategies.reading.as_of import threats_on
from threats.choices import Phase, ThreatKind, ThreatStatus
from threats.models import Threat
from threats.rules.headcount import Headcount
from threats.rules.people import People

UNASSESSED_WEIGHT = 1  # a threat nobody has assessed yet still counts
GROUPS = ("office", "type", "area")
# Of a cell, by its phase: what must be done first.
URGENT = (Phase.RESPONSE, Phase.PREEMPTION, Phase.CONSOLIDATION, Phase.PREVENTION)
URGENCY = np.array([URGENT.index(Phase(phase)) for _tier, phase in KEYS])


@dataclass(frozen=True)
class Gap:
    """A required cell of an active threat with nothing planned in it.

    ``people``: known to be exposed, each counted once; None where unknown. ``risk``: likelihood ×
    impact. ``weight``: that × people, the displaced weighing twice, with the mission's median where
    people are unknown, so that not knowing neither hides a gap nor puts it first.
    """

    threat: Threat
    cell: Cell
    people: int | None
    risk: int
    weight: float


@dataclass(frozen=True)
class ComponentShare:
    """A component's part: its activities, and the gaps its kind usually fills."""

    component: Component
    planned: int
    under_way: int
    overdue: int
    done: int
    gaps: int


class Coverage:
    """The matrices of a mission's active threats, as one reader may see them; read once.

    With a ``day``, as status, phases and activities stood at its end; risk is today's, so that a
    difference to today is one of plans. With an ``office``, of the threats in its areas alone.
    Two queries; with a day, three.
    """

    def __init__(
        self,
        mission: Mission,
        user,
        day: datetime.date | None = None,
        office: FieldOffice | None = None,
    ):
        self.mission, self.user, self.day = mission, Reader.counting(user), day
        threats = self._seen()
        if office is not None:
            threats = threats.filter(admin_area__field_office=office)
        if day is None:
            rows = list(
                threats.active()
                .order_by()
                .values_list(
                    "pk", "phase", "phase_since", "likelihood", "impact", "kind", "admin_area",
                    "admin_area__field_office",
                )
            )  # fmt: skip
        else:
            rows = [
                (t.pk, t.phase, t.phase_since, t.likelihood, t.impact, t.kind,  # type: ignore
                 t.admin_area_id, t.admin_area.field_office_id if t.admin_area else None)
                for t in threats_on(day, threats.select_related("admin_area"))
                if t.status == ThreatStatus.ACTIVE
            ]  # fmt: skip
        ids, phases, since, likelihoods, impacts, kinds, areas, offices = (
            zip(*rows, strict=True) if rows else ((),) * 8
        )
        self.ids: tuple[int, ...] = ids
        self.phases: tuple[str, ...] = phases
        self.likelihoods: tuple[int | None, ...] = likelihoods  # None: never assessed
        self._groups = {"type": kinds, "area": areas, "office": offices}
        risks = ((one or 0) * (two or 0) for one, two in zip(likelihoods, impacts, strict=True))
        self.weights = np.array([risk or UNASSESSED_WEIGHT for risk in risks], dtype=np.int64)
        self.codes = state_codes(mission, self.user, ids, since, day)
        self.required = required_cells(mission, phases)
        self.is_gap = self.required & (self.codes == 0)

    def matrix(self, chosen: np.ndarray | None = None) -> list[MissionCell]:
        """The matrices summed by weight, of all threats or those chosen; 12 cells in order.

        ``chosen``: a truth value for each threat.
        """
        cells = []
        for place, (tier, phase) in enumerate(KEYS):
            counted = (
                self.required[:, place] if chosen is None else self.required[:, place] & chosen
            )
            codes, weights = self.codes[counted, place], self.weights[counted]
            cell = MissionCell(tier, phase, int(counted.sum()), int(weights.sum()))
            for code, state in enumerate((CellState.GAP, *STATES)):
                of_state = codes == code
                cell.by_state[state] = int(of_state.sum())
                cell.weight_by_state[state] = int(weights[of_state].sum())
            cells.append(cell)
        return cells

    def compared_with(self, earlier: Coverage) -> list[MissionCell]:
        """The matrix, each cell with the share that was covered then."""
        cells = self.matrix()
        for cell, before in zip(cells, earlier.matrix(), strict=True):
            cell.share_before = before.covered_share
        return cells

    def grouped(self, by: str) -> list[tuple[str, list[MissionCell]]]:
        """A matrix for each group of threats (one of GROUPS), by its name, in their order."""
        values = self._groups[by]
        names = self._names(by)
        groups = {value: np.array([value == other for other in values]) for value in set(values)}
        return sorted(
            ((names(value), self.matrix(chosen)) for value, chosen in groups.items()),
            key=lambda group: group[0],
        )

    def gap_total(self) -> int:
        """Required cells without anything, over all active threats."""
        return int(self.is_gap.sum())

    def gaps(self, limit: int) -> list[Gap]:
        """The most urgent gaps: by the phase missing (response, pre-emption, consolidation,
        prevention), then by risk, then by people."""
        people = self._people()
        weighed = {pk: one.weight or 0 for pk, one in people.items()}
        known = sorted(weighed.values())
        usual = known[len(known) // 2] if known else 1
        exposed = np.array([weighed.get(pk, usual) for pk in self.ids], dtype=float)
        rows, places = np.nonzero(self.is_gap)
        weights = self.weights[rows] * exposed[rows]
        order = np.lexsort(
            (
                places, np.array(self.ids)[rows] if len(rows) else rows, -exposed[rows],
                -self.weights[rows], URGENCY[places],
            )
        )  # fmt: skip
        first = order[:limit]
        threats = self._load(self.ids[row] for row in rows[first])
        return [
            Gap(
                threats[self.ids[rows[n]]],
                _gap(*KEYS[places[n]]),
                people[self.ids[rows[n]]].total if self.ids[rows[n]] in people else None,
                int(self.weights[rows[n]]),
                float(weights[n]),
            )
            for n in first
        ]

    def in_cell(self, tier: int, phase: str, limit: int) -> tuple[list[tuple[Threat, Cell]], int]:
        """Threats that call for a cell, what lacks most first, with the cell; and how many."""
        place = KEYS.index((tier, phase))
        rows = np.nonzero(self.required[:, place])[0]
        codes = self.codes[rows, place]
        order = np.lexsort((rows, -self.weights[rows], codes))
        chosen = [self.ids[rows[n]] for n in order[:limit]]
        threats = self._load(chosen)
        found = matrices(self.mission, self.user, [threats[pk] for pk in chosen])
        return [(threats[pk], found[pk][place]) for pk in chosen], len(rows)

    def gravest(self, limit: int) -> list[tuple[Threat, int, int]]:
        """Threats by risk, each with how many cells it calls for and how many of them are gaps."""
        order = np.lexsort((np.array(self.ids, dtype=np.int64), -self.weights))[:limit]
        threats = self._load(self.ids[row] for row in order)
        return [
            (threats[self.ids[n]], int(self.required[n].sum()), int(self.is_gap[n].sum()))
            for n in order
        ]

    def by_component(self) -> list[ComponentShare]:
        """What each component leads, and the gaps its kind usually fills (by the catalogue)."""
        gaps = {key: int(count) for key, count in zip(KEYS, self.is_gap.sum(axis=0), strict=True)}
        usual: dict[str, set] = {}
        for entry in CatalogueActivity.objects.only("tier", "phase", "components"):
            for kind in entry.components:
                usual.setdefault(kind, set()).add((entry.tier, entry.phase))
        activities = Activity.objects.visible_to(self.user).filter(mission=self.mission)
        counts = {
            row["lead_component"]: row
            for row in activities.with_overdue(self.mission)
            .order_by()
            .values("lead_component")
            .annotate(
                overdue=Count("pk", filter=Q(is_overdue=True)),
                **{
                    status.value: Count("pk", filter=Q(status=status, is_overdue=False))
                    for status in (S.PLANNED, S.UNDER_WAY, S.DONE)
                },
            )
        }
        components = Component.objects.visible_to(self.user).filter(mission=self.mission)
        return [
            ComponentShare(
                component,
                **{
                    name: counts.get(component.pk, {}).get(name, 0)
                    for name in ("planned", "under_way", "overdue", "done")
                },
                gaps=sum(gaps[key] for key in usual.get(component.kind, ())),
            )
            for component in components.select_related("mission")
        ]

    def _seen(self):
        return (
            Threat.objects.visible_to(self.user)
            .filter(mission=self.mission)
            .with_current_assessment(self.user)
        )

    def _load(self, ids: Iterable[int]) -> dict[int, Threat]:
        """Threats to show, by id, in the phase they had."""
        wanted = {int(pk) for pk in ids}
        phases = dict(zip(self.ids, self.phases, strict=True))
        found = {}
        for threat in (
            self._seen().filter(pk__in=wanted).select_related("mission", "admin_area__field_office")
        ):
            threat.phase = phases[threat.pk]
            found[threat.pk] = threat
        return found

    def _people(self) -> dict[int, People]:
        """People known to be exposed by threat, each once: of its communities the reader may see."""
        named: dict[int, list[int]] = defaultdict(list)
        for threat, community in Threat.communities.through.objects.filter(
            threat_id__in=self.ids
        ).values_list("threat_id", "community_id"):
            named[threat].append(community)
        headcount = Headcount(self.mission, self.user)
        found = {threat: headcount.of(places) for threat, places in named.items()}
        return {threat: people for threat, people in found.items() if people.total is not None}

    def _names(self, by: str):
        """Names of a kind of group, by its value."""
        if by == "type":
            return lambda value: str(ThreatKind(value).label)
        if by == "area":
            areas = AdminArea.objects.filter(mission=self.mission).values_list("pk", "name")
            named, missing = dict(areas), gettext("no administrative area")
        else:
            offices = FieldOffice.objects.filter(mission=self.mission).values_list("pk", "name")
            named, missing = dict(offices), gettext("no field office")
        return lambda value: named.get(value, missing)


def _gap(tier: int, phase: str) -> Cell:
    return Cell(tier, phase, is_required=True, state=CellState.GAP)
