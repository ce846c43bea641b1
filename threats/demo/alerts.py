"""Ten early warnings of the demonstration's last weeks: invented, marked so, beside real events."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_noop

from exchange.notifications.models import Notification
from missions.choices import ComponentKind, Role
from missions.demo import Demo
from missions.models import Component
from threats.alerts.choices import (
    AlertDecision,
    AlertKind,
    AlertOutcome,
    AlertStage,
    Imminence,
    Verification,
)
from threats.choices import Credibility, Reliability, SourceKind
from threats.models import Alert, Community, Incident, Threat
from threats.services.alerts import report_alert, take_step

K, M, S, V, O = AlertKind, Imminence, AlertStage, Verification, AlertOutcome  # noqa: E741
INVENTED = gettext_noop("Invented for illustration.")
# How much later than it happened each step was recorded, in minutes, in turn.
RECORDED_AFTER = (4, 12, 35, 8, 20, 55, 90)
# The reporter files it while it is told: nobody acknowledges what is not on record yet.
RECORDED_AT_ONCE = datetime.timedelta(minutes=3)


@dataclass(frozen=True)
class Warned:
    """An alert from its reception on. Steps: hours after it, and what each said.

    ``event``: number of the event in the UCDP file that followed near it. ``component``: who was
    asked to respond; without one ``note`` says why nobody was.
    """

    place: str
    received: str  # by the mission's clocks
    kind: AlertKind
    imminence: Imminence
    source: SourceKind
    reliability: Reliability
    credibility: Credibility
    details: str
    acknowledged: float
    verified: tuple[float, Verification] | None = None
    decided: float | None = None
    component: ComponentKind | None = None
    note: str = ""
    responded: float | None = None
    reported_back: float | None = None
    closed: tuple[float, AlertOutcome] | None = None
    event: str = ""


WARNED = (
    Warned(
        "Kouango", "2022-11-18 15:40", K.MOVEMENT, M.DAYS, SourceKind.COMMUNITY_LIAISON,
        Reliability.B, Credibility.PROBABLE,
        gettext_noop("Armed men were seen to cross the river towards the town."),
        acknowledged=0.4, verified=(2.2, V.PARTLY), decided=3, component=ComponentKind.MILITARY,
        responded=16, reported_back=30, closed=(96, O.ATTACK_DURING), event="457725",
    ),
    Warned(
        "Ngongboundou", "2022-11-19 10:15", K.CLASH, M.DAYS, SourceKind.AUTHORITY,
        Reliability.C, Credibility.POSSIBLE,
        gettext_noop("Families leave the road, for they expect fighting on it."),
        acknowledged=1.1, verified=(5, V.UNCONFIRMED), decided=8,
        note=gettext_noop("No unit could reach the road before dark; the village was warned by telephone."),
        closed=(80, O.UNKNOWN), event="457728",
    ),
    Warned(
        "Bakouma", "2022-11-30 17:30", K.ATTACK, M.IMMINENT, SourceKind.HOTLINE,
        Reliability.C, Credibility.PROBABLE,
        gettext_noop("Armed men gather on the road south of the town and stop those who pass."),
        acknowledged=0.3, verified=(1, V.CONFIRMED), decided=1.5, component=ComponentKind.MILITARY,
        responded=19, reported_back=44, closed=(110, O.ATTACK_BEFORE), event="457370",
    ),
    Warned(
        "Markounda", "2022-12-05 09:00", K.ATTACK, M.DAYS, SourceKind.SOCIAL_MEDIA,
        Reliability.E, Credibility.DOUBTFUL,
        gettext_noop("A message passed on many times says that the market will be attacked."),
        acknowledged=3, verified=(26, V.FALSE), decided=27,
        note=gettext_noop("Found false: the market was held, and nobody there knew of the message."),
        reported_back=30, closed=(31, O.NONE),
    ),
    Warned(
        "Lioto 3", "2022-12-10 13:20", K.CLASH, M.DAYS, SourceKind.PARTNER,
        Reliability.B, Credibility.POSSIBLE,
        gettext_noop("Positions near the village are said to be attacked in the coming days."),
        acknowledged=0.7, verified=(3, V.PARTLY), decided=4.3, component=ComponentKind.MILITARY,
        responded=9, reported_back=52, closed=(96, O.ATTACK_AFTER), event="460810",
    ),
    Warned(
        "Ippy", "2022-12-15 11:00", K.REPRISAL, M.DAYS, SourceKind.COMMUNITY_LIAISON,
        Reliability.B, Credibility.PROBABLE,
        gettext_noop("After the killings of the day before, families fear for their relatives."),
        acknowledged=0.5, verified=(3, V.CONFIRMED), decided=5,
        component=ComponentKind.HUMAN_RIGHTS,
        responded=46, reported_back=50, closed=(140, O.AVERTED), event="460822",
    ),
    Warned(
        "Bria", "2022-12-19 08:30", K.LOOTING, M.DAYS, SourceKind.COMMUNITY,
        Reliability.B, Credibility.PROBABLE,
        gettext_noop("Traders are told to pay at a barrier, or to be robbed on market day."),
        acknowledged=0.25, verified=(1.5, V.CONFIRMED), decided=2,
        component=ComponentKind.UN_POLICE,
        responded=20, reported_back=30, closed=(98, O.AVERTED),
    ),
    Warned(
        "Gallo", "2022-12-22 18:00", K.MOVEMENT, M.DAYS, SourceKind.PATROL,
        Reliability.B, Credibility.POSSIBLE,
        gettext_noop("Fresh tracks and an abandoned camp were found beside the road."),
        acknowledged=0.6, verified=(2.5, V.PARTLY), decided=6, component=ComponentKind.MILITARY,
        responded=40, reported_back=64, closed=(110, O.ATTACK_BEFORE), event="460812",
    ),
    Warned(
        "Ngakobo", "2022-12-28 14:00", K.ATTACK, M.DAYS, SourceKind.COMMUNITY,
        Reliability.C, Credibility.POSSIBLE,
        gettext_noop("People south of the village were told to leave before the new year."),
        acknowledged=1, verified=(4, V.PARTLY), decided=5, component=ComponentKind.MILITARY,
        event="464517",
    ),
    Warned(
        "Akoursoulbak", "2022-12-30 16:45", K.CLASH, M.IMMINENT, SourceKind.AUTHORITY,
        Reliability.C, Credibility.POSSIBLE,
        gettext_noop("Shots are heard north of the village, and families hide in the fields."),
        acknowledged=0.8, event="464518",
    ),
)  # fmt: skip


def warn(demo: Demo) -> None:
    """File the alerts and take their steps, each at its own moment of the mission's clocks."""
    for warned in WARNED:
        alert = _file(demo, warned)
        for number, (stage, hours, said) in enumerate(_steps(demo, warned)):
            decides = stage == S.DECIDED
            alert = take_step(
                alert,
                user=demo.people[Role.PLANNER if decides else Role.ANALYST],
                step=stage,
                taken_at=alert.received_at + datetime.timedelta(hours=hours),
                **said,  # type: ignore[arg-type]
            )
            alert.steps.filter(step=stage).update(recorded_after=_lag(number))
        alert.steps.filter(step=S.RECEIVED).update(recorded_after=RECORDED_AT_ONCE)
    # Of weeks past nobody is rung up today.
    Notification.objects.filter(mission=demo.mission).unread().update(read_at=timezone.now())


def _lag(number: int) -> datetime.timedelta:
    return datetime.timedelta(minutes=RECORDED_AFTER[number % len(RECORDED_AFTER)])


def _file(demo: Demo, warned: Warned) -> Alert:
    mission = demo.mission
    place = Community.objects.filter(mission=mission, name=warned.place).earliest("pk")
    moment = datetime.datetime.fromisoformat(warned.received).replace(tzinfo=mission.zone)
    threat = Threat.objects.filter(
        mission=mission, is_demonstration=True, admin_area=place.admin_area
    ).order_by("pk")[:1]
    alert = report_alert(
        user=demo.people[Role.REPORTER],
        mission=mission,
        details=f"{INVENTED}\n{warned.details}",
        kind=warned.kind,
        imminence=warned.imminence,
        received_at=moment,
        place_name=place.name,
        longitude=place.longitude,
        latitude=place.latitude,
        source_kind=warned.source,
        reliability=warned.reliability,
        credibility=warned.credibility,
        communities=[place],
        threats=list(threat),
        incidents=list(Incident.objects.filter(mission=mission, external_id=warned.event))
        if warned.event
        else [],
        is_demonstration=True,
    )
    # As evidence and in the weekly brief it is of the day it came in.
    Alert.objects.filter(pk=alert.pk).update(mission_day=moment.date())
    return alert


def _steps(demo: Demo, warned: Warned) -> list[tuple[AlertStage, float, dict]]:
    """The steps taken, hours after the reception, and what each says, in their order."""
    steps: list[tuple[AlertStage, float, dict]] = [(S.ACKNOWLEDGED, warned.acknowledged, {})]
    if warned.verified:
        hours, verification = warned.verified
        steps.append((S.VERIFIED, hours, {"verification": verification}))
    if warned.decided and warned.component:
        component = Component.objects.get(mission=demo.mission, kind=warned.component)
        asked = {"decision": AlertDecision.RESPOND, "responding_component": component}
        steps.append((S.DECIDED, warned.decided, asked))
    elif warned.decided:
        refused = {"decision": AlertDecision.NO_RESPONSE, "note": warned.note}
        steps.append((S.DECIDED, warned.decided, refused))
    if warned.responded:
        steps.append((S.RESPONDED, warned.responded, {}))
    if warned.reported_back:
        steps.append((S.REPORTED_BACK, warned.reported_back, {}))
    if warned.closed:
        hours, outcome = warned.closed
        steps.append((S.CLOSED, hours, {"outcome": outcome}))
    return steps
