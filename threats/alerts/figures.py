"""How fast warnings are answered: one definition for every page and brief."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from django.utils import timezone

from missions.models import Mission
from missions.models.component import name_to_show
from threats.choices import AlertDecision, Imminence
from threats.models import Alert

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
class AlertFigures:
    open: int
    open_imminent: int
    undecided: int
    whole: Group
    by_office: list[Group]
    by_component: list[Group]
    by_month: list[Group]


def alert_figures(mission: Mission, user) -> AlertFigures:
    """Figures of the last 90 days of real time, as the user may see them; three queries."""
    visible = Alert.objects.visible_to(user).filter(mission=mission)
    since = timezone.now() - datetime.timedelta(days=PERIOD)
    rows = list(
        visible.filter(received_at__gte=since).values_list(
            "received_at", "decided_at", "responded_at", "decision", "field_office__name",
            "responding_component__name", "responding_component__kind",
        )
    )  # fmt: skip
    waiting = list(visible.open().values_list("imminence", "decided_at"))
    # A name is translated once, not once a row.
    shown = {
        (name, kind): name_to_show(kind, name) for name, kind in {row[5:] for row in rows if row[5]}
    }
    return AlertFigures(
        open=len(waiting),
        open_imminent=sum(imminence == Imminence.IMMINENT for imminence, _decided in waiting),
        undecided=sum(decided is None for _imminence, decided in waiting),
        whole=_group("", rows),
        by_office=_groups(rows, lambda row: row[4] or ""),
        by_component=_groups([row for row in rows if row[5]], lambda row: shown[row[5:]]),
        by_month=_groups(rows, lambda row: mission.local(row[0]).strftime("%Y-%m")),
    )


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
        to_decision=median(decided) if decided else None,
        to_response=median(responded) if responded else None,
    )
