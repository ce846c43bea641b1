"""Uncovered places: where an attack is to be feared and the mission's plan says nothing.

A place is uncovered when its risk of 30 days stands in the upper two bands and it has no active
threat, or no live activity, neither its own nor one against its active threats. What was planned,
is due for more than 30 days and was never begun covers nothing. All of it from what the reader may
see.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import (
    BooleanField,
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext

from missions.access import Reader, grants
from missions.models import FieldOffice, Mission
from strategies.choices import ActivityStatus, Lack
from strategies.models import Activity
from strategies.models.activity import LAPSES, LIVE
from strategies.reading.as_of import activities_on, threats_on
from threats.choices import ThreatStatus
from threats.models import Community, RiskHistory, RiskScore, Threat
from threats.scoring.neighbours import grouped

UPPER_BAND = 4  # of 1 to 5
HORIZON = 30  # days
LISTED = 20  # rows at most
NAMED = 3  # neighbours of a row
SEARCHED = 6  # days before a past day in which its scores are looked for


@dataclass
class UncoveredPlace:
    """An uncovered place and its uncovered neighbours, which are its row's.

    ``lack``: whether the threat or only the activity is missing. ``planned``: its live activities,
    which without a threat are in no matrix. ``neighbours``: ids of those
    within 25 km whose expected number is smaller, the largest first; ``named``: the first of them.
    """

    community: Community
    lack: str
    planned: int = 0
    neighbours: list[int] = field(default_factory=list)
    named: list[Community] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Neighbours besides those named."""
        return len(self.neighbours) - len(self.named)

    @property
    def lack_label(self) -> str:
        """What is missing, in the reader's language."""
        label = str(Lack(self.lack).label)
        if not self.planned:
            return label
        return ngettext(
            "%(lack)s; %(n)s activity is planned or under way",
            "%(lack)s; %(n)s activities are planned or under way",
            self.planned,
        ) % {"lack": label, "n": intcomma(self.planned)}


@dataclass(frozen=True)
class Uncovered:
    """``total``: uncovered places. ``judged``: places with a score; without any there is nothing
    to judge. ``upper``: those of them in the upper two bands. ``rows``: the first by expected
    number, neighbours grouped."""

    total: int
    judged: int
    upper: int
    rows: list[UncoveredPlace]

    @property
    def listed(self) -> int:
        """Places in the rows, neighbours included."""
        return sum(1 + len(row.neighbours) for row in self.rows)

    @property
    def nothing(self) -> str:
        """Why none is listed, in the reader's language: nothing is missing, or nothing is judged."""
        if not self.judged:
            return gettext("Nothing to judge yet: no community has a score.")
        if not self.upper:
            return ngettext(
                "None: of %(n)s community with a score none is at serious or acute watch.",
                "None: of %(n)s communities with a score none is at serious or acute watch.",
                self.judged,
            ) % {"n": intcomma(self.judged)}
        return ngettext(
            "None: the %(n)s endangered community has an active threat and something planned or "
            "under way.",
            "None: each of the %(n)s endangered communities has an active threat and something "
            "planned or under way.",
            self.upper,
        ) % {"n": intcomma(self.upper)}


def with_cover(
    queryset: QuerySet, user, *, threats: QuerySet | None = None, live: QuerySet | None = None
) -> QuerySet:
    """Annotate communities, which have a ``band``, with what the mission plans for them.

    Adds ``active_threats`` and ``live_activities`` (their own, and those against their active
    threats, each once, but what lapsed), and ``gap``: whether the place is uncovered; None without a score.
    ``threats``, ``live``: what counts as active and as live; by default as things stand now.
    """
    user = Reader.counting(user)
    if threats is None:
        threats = Threat.objects.visible_to(user).active()
    if live is None:
        missions = Mission.objects.filter(pk__in=list(grants(user)))
        live = Activity.objects.visible_to(user).covering(missions)
    threats, live = threats.order_by().values("pk"), live.order_by().values("pk")
    named = Threat.communities.through.objects.filter(
        community=OuterRef("pk"), threat__in=threats
    ).values("community")
    own = Activity.communities.through.objects.filter(
        community=OuterRef("pk"), activity__in=live
    ).values("community")
    # Those against its threats that do not name it themselves.
    named_by = Activity.communities.through.objects.filter(community=OuterRef(OuterRef("pk")))
    through_threats = (
        Activity.threats.through.objects.filter(
            threat__communities=OuterRef("pk"), threat__in=threats, activity__in=live
        )
        .exclude(activity__in=named_by.values("activity"))
        .values("threat__communities")
        .annotate(count=Count("activity", distinct=True))
    )
    return (
        queryset.annotate(
            active_threats=_count(named.annotate(count=Count("pk"))),
            live_activities=_count(own.annotate(count=Count("pk"))) + _count(through_threats),
        )
        .annotate(
            gap=Case(
                When(band=None, then=Value(None)),
                When(
                    Q(band__gte=UPPER_BAND) & (Q(active_threats=0) | Q(live_activities=0)),
                    then=Value(True),
                ),
                default=Value(False),
                output_field=BooleanField(null=True),
            )
        )
    )  # fmt: skip


def _count(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows.values("count"), output_field=IntegerField()), 0)


def uncovered(
    mission: Mission,
    user,
    *,
    day: datetime.date | None = None,
    office: FieldOffice | None = None,
    limit: int = LISTED,
) -> Uncovered:
    """A mission's uncovered places; three queries, however many places there are.

    With a ``day``, from scores, threats and activities as they stood at its end; with an
    ``office``, of its communities alone. ``limit``: rows at most.
    """
    user = Reader.counting(user)
    places: Any = Community.objects.visible_to(user).filter(mission=mission)
    if office is not None:
        places = places.filter(field_office=office)
    if day is None or day >= mission.today:
        live = Activity.objects.visible_to(user).covering([mission])
        places = with_cover(places.with_risk(user), user, live=live)
    else:
        places = _as_of(places, mission, user, day)
    counts = places.aggregate(
        judged=Count("pk", filter=Q(band__isnull=False)),
        upper=Count("pk", filter=Q(band__gte=UPPER_BAND)),
    )
    found = list(
        places.filter(band__gte=UPPER_BAND, gap=True)
        .order_by("-expected", "pk")
        .values_list("pk", "longitude", "latitude", "active_threats", "live_activities")
    )
    groups = grouped([(*row[:3], 0.0) for row in found], limit)
    shown = places.select_related("mission", "admin_area", "field_office").in_bulk(
        [pk for head, others in groups for pk in (head, *others[:NAMED])]
    )
    lacks = {pk: Lack.THREAT if not threats else Lack.ACTIVITY for pk, _x, _y, threats, _n in found}
    planned = {pk: live for pk, _x, _y, _threats, live in found}
    rows = [
        UncoveredPlace(
            shown[head], lacks[head], planned[head], others, [shown[pk] for pk in others[:NAMED]]
        )
        for head, others in groups
    ]
    return Uncovered(len(found), counts["judged"], counts["upper"], rows)


def _as_of(places: QuerySet, mission: Mission, user, day: datetime.date) -> QuerySet:
    """Places with the band and expected number of the newest scores up to a past day."""
    threats = [
        threat.pk
        for threat in threats_on(day, Threat.objects.visible_to(user).filter(mission=mission))
        if threat.status == ThreatStatus.ACTIVE
    ]
    activities = Activity.objects.visible_to(user).filter(mission=mission)
    oldest = day - datetime.timedelta(days=LAPSES)
    live = [
        one.pk
        for one in activities_on(day, activities)
        if one.status in LIVE and (one.status != ActivityStatus.PLANNED or one.due >= oldest)
    ]
    scores = _scores_of(mission, user, day).filter(community=OuterRef("pk"))
    return with_cover(
        places.annotate(
            **{
                name: Subquery(scores.values(field)[:1])
                for name, field in (
                    ("band", "band"),
                    ("expected", "expected"),
                    ("probability", "probability"),
                    ("scored_for", "date"),
                )
            }
        ),
        user,
        threats=Threat.objects.filter(pk__in=threats),
        live=Activity.objects.filter(pk__in=live),
    )


def _scores_of(mission: Mission, user, day: datetime.date) -> QuerySet:
    """Scores of a past day: those still standing, or those kept of the newest day before it."""
    standing = RiskScore.objects.visible_to(user).filter(mission=mission, horizon=HORIZON)
    if standing.filter(date=day).exists():
        return standing.filter(date=day)
    kept = RiskHistory.objects.visible_to(user).filter(mission=mission, horizon=HORIZON)
    since = day - datetime.timedelta(days=SEARCHED)
    newest = (
        kept.filter(date__range=(since, day)).order_by("-date").values_list("date", flat=True)
    ).first()
    return kept.filter(date=newest)
