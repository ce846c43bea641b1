"""How fast warnings are answered: one definition for every page and brief."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from django.db.models import Count

from missions.models import Mission
from missions.models.component import name_to_show
from threats.alerts.choices import AlertDecision, AlertOutcome
from threats.models import Alert, AlertStep
from threats.models.alert import OPEN, OPEN_IMMINENT, UNDECIDED

PERIOD = 90  # days


@dataclass(frozen=True)
class Group:
    """Alerts of one field office, component or month. Times are medians; None: none yet."""

    name: str
    alerts: int
    answered: int  # responded to
    refused: int  # decided against, with a reason
    to_decision: datetime.timedelta | None
    to_response: datetime.timedelta | None

    @property
    def share(self) -> float | None:
        """Of the alerts, those responded to; None without alerts."""
        return self.answered / self.alerts if self.alerts else None


@dataclass(frozen=True)
class Outcome:
    """How many alerts came to one outcome, by its code."""

    outcome: str
    alerts: int

    @property
    def name(self) -> str:
        """In the reader's language."""
        return str(AlertOutcome(self.outcome).label)


@dataclass(frozen=True)
class AlertFigures:
    """``lag``: how much later than they happened steps were recorded, the median; None: no step.

    ``outcomes``: of those alerts of the period that are closed, in the order of ``AlertOutcome``.
    ``recorded``: alerts ever; where there is none, no other figure says anything.
    """

    recorded: int
    open: int
    open_imminent: int
    undecided: int
    whole: Group
    by_office: list[Group]
    by_component: list[Group]
    by_month: list[Group]
    lag: datetime.timedelta | None
    outcomes: list[Outcome]


def alert_figures(mission: Mission, user) -> AlertFigures:
    """Figures of the last 90 days, as the user may see them; four queries.

    All times are of when things happened, not of when they were recorded; ``lag`` tells those apart.
    """
    visible = Alert.objects.for_figures(user).filter(mission=mission)
    since = mission.now - datetime.timedelta(days=PERIOD)
    rows = list(
        visible.filter(received_at__gte=since).values_list(
            "received_at", "decided_at", "responded_at", "decision", "field_office__name",
            "responding_component__name", "responding_component__kind", "outcome",
        )
    )  # fmt: skip
    late = list(
        AlertStep.objects.filter(
            alert__in=visible.filter(received_at__gte=since).order_by().values("pk"),
            corrected_by=None, never_happened=False,
        )
        .order_by()
        .values_list("recorded_after", flat=True)
    )  # fmt: skip
    counts = visible.order_by().aggregate(
        recorded=Count("pk"),
        open=Count("pk", filter=OPEN),
        imminent=Count("pk", filter=OPEN_IMMINENT),
        undecided=Count("pk", filter=UNDECIDED),
    )
    # A name is translated once, not once a row.
    shown = {
        (name, kind): name_to_show(kind, name)
        for name, kind in {row[5:7] for row in rows if row[5]}
    }
    return AlertFigures(
        recorded=counts["recorded"],
        open=counts["open"],
        open_imminent=counts["imminent"],
        undecided=counts["undecided"],
        whole=_group("", rows),
        by_office=_groups(rows, lambda row: row[4] or ""),
        by_component=_groups([row for row in rows if row[5]], lambda row: shown[row[5:7]]),
        by_month=_groups(rows, lambda row: mission.local(row[0]).strftime("%Y-%m")),
        lag=_median(late),
        outcomes=[
            Outcome(outcome, count)
            for outcome in AlertOutcome.values
            if (count := sum(row[7] == outcome for row in rows))
        ],
    )


def _median(spans: list[datetime.timedelta]) -> datetime.timedelta | None:
    return median(spans) if spans else None  # type: ignore[type-var]


def _groups(rows: list[tuple], key) -> list[Group]:
    by_name: dict[str, list[tuple]] = defaultdict(list)
    for row in rows:
        by_name[key(row)].append(row)
    return [_group(name, by_name[name]) for name in sorted(by_name)]


def _group(name: str, rows: list[tuple]) -> Group:
    decided = [row[1] - row[0] for row in rows if row[1]]
    responded = [row[2] - row[0] for row in rows if row[2]]
    return Group(
        name=name,
        alerts=len(rows),
        answered=len(responded),
        refused=sum(row[3] == AlertDecision.NO_RESPONSE for row in rows),
        to_decision=_median(decided),
        to_response=_median(responded),
    )
