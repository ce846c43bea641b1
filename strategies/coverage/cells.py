"""Cells of a threat's matrix and of the mission's, and how they are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import ngettext

from strategies.choices import ActivityStatus, Caution, CellState, Tier
from strategies.models import Activity, CatalogueActivity
from threats.choices import Phase

Key = tuple[int, str]  # tier, phase
KEYS: tuple[Key, ...] = tuple((tier, phase) for tier in Tier.values for phase in Phase.values)


@dataclass
class Cell:
    """One tier × phase of one threat."""

    tier: int
    phase: str
    is_required: bool
    state: str = CellState.NOT_REQUIRED
    activities: list[Activity] = field(default_factory=list)
    # Of the catalogue, for who may plan.
    suggestions: list[CatalogueActivity] = field(default_factory=list)
    withheld: list[tuple[CatalogueActivity, Caution]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The state in the reader's language."""
        return str(CellState(self.state).label)

    @property
    def phase_label(self) -> str:
        """The phase in the reader's language."""
        return str(Phase(self.phase).label)


def counted(state: str, n: int) -> str:
    """So many activities, or threats, in a state: “3 planned”."""
    said: dict[str, str] = {
        CellState.OVERDUE: ngettext("%(n)s overdue", "%(n)s overdue", n),
        CellState.PLANNED: ngettext("%(n)s planned", "%(n)s planned", n),
        CellState.UNDER_WAY: ngettext("%(n)s under way", "%(n)s under way", n),
        CellState.DONE: ngettext("%(n)s done", "%(n)s done", n),
        ActivityStatus.CANCELLED: ngettext("%(n)s cancelled", "%(n)s cancelled", n),
    }
    return said[state] % {"n": n}


@dataclass
class MissionCell:
    """One tier × phase over all active threats. Weights are likelihood × impact."""

    tier: int
    phase: str
    required: int = 0  # threats that call for the cell
    required_weight: int = 0
    by_state: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    weight_by_state: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    share_before: float | None = None  # covered on the day compared with

    @property
    def phase_label(self) -> str:
        """The phase in the reader's language."""
        return str(Phase(self.phase).label)

    @property
    def gaps(self) -> int:
        """Threats that call for the cell and have nothing in it."""
        return self.by_state[CellState.GAP]

    @property
    def overdue(self) -> int:
        """Threats with something overdue in the cell."""
        return self.by_state[CellState.OVERDUE]

    @property
    def apart(self) -> list[str]:
        """How many threats have something planned, under way and done in the cell, told apart.

        Nothing here says that a threat is on track: a plan is no result.
        """
        states = (CellState.PLANNED, CellState.UNDER_WAY, CellState.DONE)
        return [counted(state, self.by_state[state]) for state in states if self.by_state[state]]

    @property
    def covered_share(self) -> float | None:
        """Share of the required weight that is planned, under way or done; None: not required."""
        if not self.required_weight:
            return None
        lacking = self.weight_by_state[CellState.GAP] + self.weight_by_state[CellState.OVERDUE]
        return 1 - lacking / self.required_weight

    @property
    def change(self) -> float | None:
        """Of the share since the day compared with; None where either was not required."""
        if self.covered_share is None or self.share_before is None:
            return None
        return self.covered_share - self.share_before

    @property
    def percent(self) -> int | None:
        """The covered share in whole percent; None: not required."""
        return None if self.covered_share is None else round(100 * self.covered_share)

    @property
    def cover(self) -> str:
        """How well it is covered, in words for the page: under a third, under two thirds, more."""
        share = self.covered_share or 0
        return "low" if share < 1 / 3 else "middle" if share < 2 / 3 else "high"


def as_rows(cells: Sequence) -> list[tuple[Tier, list]]:
    """Cells as one row a tier, for the page."""
    return [(Tier(tier), [cell for cell in cells if cell.tier == tier]) for tier in Tier.values]
