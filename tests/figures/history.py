"""Generated histories: small missions in which everything the figures count happens at random."""

from __future__ import annotations

import datetime
import random

from missions.models import Mission
from strategies.choices import Tier
from strategies.models import Activity, StatusChange
from tests.factories import (
    TODAY,
    ActivityFactory,
    AdminAreaFactory,
    AlertFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    DecisionFactory,
    FieldOfficeFactory,
    IncidentFactory,
    IndicatorFactory,
    MeasurementFactory,
    MeetingFactory,
    ObjectiveFactory,
    PostFactory,
    RiskHistoryFactory,
    RiskModelFactory,
    RiskScoreFactory,
    StrategyFactory,
    ThreatFactory,
    UserFactory,
)
from threats.alerts.choices import AlertOutcome
from threats.choices import Phase, ThreatStatus
from threats.models import AlertStep, ThreatDecision

DAY = datetime.timedelta(days=1)


class Generated:
    """Fills an empty mission; the same ``seed`` gives the same history."""

    def __init__(self, mission: Mission, seed: int):
        self.mission, self.chance = mission, random.Random(seed)
        self.model, self.author = RiskModelFactory(), UserFactory()
        self.offices = [FieldOfficeFactory(mission=mission) for _ in range(2)]
        self.areas = [
            AdminAreaFactory(mission=mission, field_office=office)
            for office in (*self.offices, None)
        ]
        self.components = [
            ComponentFactory(mission=mission, kind=kind)
            for kind in ("military", "un_police", "civil_affairs")
        ]
        self.communities = [self._community() for _ in range(self.chance.randint(0, 9))]
        for _ in range(self.chance.randint(0, 12)):
            self._incident()
        self.threats = [self._threat() for _ in range(self.chance.randint(0, 5))]
        for _ in range(self.chance.randint(0, 12)):
            self._activity()
        for _ in range(self.chance.randint(0, 7)):
            self._alert()
        for _ in range(self.chance.randint(0, 4)):
            self._post()
        self._meeting()
        for place in self.communities[:3]:
            RiskScoreFactory(
                community=place, horizon=90, clearance=self.chance.choice((0, 1, 2)),
                model=self.model, probability=self.chance.random(), expected=self.chance.random(),
            )  # fmt: skip
        self._strategy()

    def _level(self) -> int:
        return self.chance.choice((0, 0, 1, 2))

    def _ago(self, most: int) -> datetime.date:
        return TODAY - self.chance.randint(0, most) * DAY

    def _some(self, records: list) -> list:
        return self.chance.sample(records, self.chance.randint(0, min(3, len(records))))

    def _community(self):
        place = CommunityFactory(
            mission=self.mission, classification=self._level(), longitude=20 + self.chance.random(),
            latitude=6 + self.chance.random() / 2, population=self.chance.choice((None, 0, 90, 5000)),
            displaced_population=self.chance.choice((None, 0, 400)),
            kind=self.chance.choice(("town", "village", "displacement_site", "poc_site")),
            field_office=self.chance.choice((*self.offices, None)),
        )  # fmt: skip
        for clearance in (0, 1, 2) if self.chance.random() < 0.8 else ():
            RiskScoreFactory(
                community=place, clearance=clearance, model=self.model,
                band=self.chance.randint(1, 5), probability=self.chance.random(),
                expected=self.chance.random(),
                week_before=self.chance.choice((None, self.chance.random())),
            )  # fmt: skip
            for age in (6, 7, 13, 20):
                if self.chance.random() < 0.7:
                    RiskHistoryFactory(
                        community=place, clearance=clearance, model=self.model, date=TODAY - age * DAY,
                        band=self.chance.randint(1, 5), probability=self.chance.random(),
                        expected=self.chance.random(),
                    )  # fmt: skip
        return place

    def _incident(self) -> None:
        day = self._ago(70)
        IncidentFactory(
            mission=self.mission, classification=self._level(), end_date=day,
            start_date=day - self.chance.choice((0, 0, 0, 4, 30)) * DAY,
            date_precision=self.chance.choice(("day", "day", "week", "month", "longer")),
            against_civilians=self.chance.random() < 0.6,
            awaits_verification=self.chance.random() < 0.2,
            deaths_best=self.chance.choice((None, 0, 7)), deaths_low=self.chance.choice((None, 0, 2)),
            civilian_deaths=self.chance.choice((None, 0, 9)),
        )  # fmt: skip

    def _threat(self):
        threat = ThreatFactory(
            mission=self.mission, classification=self._level(), phase_since=self._ago(40),
            status=self.chance.choice((*ThreatStatus.values, "active", "active")),
            phase=self.chance.choice(Phase.values), admin_area=self.chance.choice((*self.areas, None)),
        )  # fmt: skip
        threat.communities.set(self._some(self.communities))
        for _ in range(self.chance.randint(0, 2)):
            AssessmentFactory(
                threat=threat, classification=max(threat.classification, self._level()),
                likelihood=self.chance.randint(1, 5), impact=self.chance.randint(1, 5),
            )  # fmt: skip
        days = sorted({self._ago(30) for _ in range(self.chance.randint(0, 3))})
        for day in days:
            is_last = day == days[-1]
            ThreatDecision.objects.create(
                mission=self.mission, threat=threat, day=day,
                status=threat.status if is_last else self.chance.choice(ThreatStatus.values),
                phase=threat.phase if is_last else self.chance.choice(Phase.values),
            )  # fmt: skip
        return threat

    def _activity(self) -> None:
        status = self.chance.choice(("planned", "planned", "under_way", "done", "cancelled"))
        due, due_at = TODAY + self.chance.randint(-60, 20) * DAY, None
        if self.chance.random() < 0.3:
            due_at = self.mission.now + self.chance.randint(-9, 9) * DAY / 24
            due = due_at.date()
        activity = ActivityFactory(
            mission=self.mission, classification=self._level(), status=status,
            tier=self.chance.choice(Tier.values), phase=self.chance.choice(Phase.values),
            start=TODAY - 70 * DAY, due=due, due_at=due_at,
            lead_component=self.chance.choice(self.components),
            completed_on=self._ago(20) if status == "done" else None,
            blockers=self.chance.choice(("", "", "No fuel.")),
        )  # fmt: skip
        activity.threats.set(self._some(self.threats))
        activity.communities.set(self._some(self.communities))
        activity.supporting_components.set(
            [one for one in self._some(self.components) if one != activity.lead_component]
        )
        days = [self._ago(25) for _ in range(self.chance.randint(0, 3))]
        if self.chance.random() < 0.6:
            days.sort()  # else some were recorded late
        for number, day in enumerate(days, 1):
            is_last = number == len(days)
            StatusChange.objects.create(
                activity=activity, day=day, changed_by=self.author,
                status=status if is_last else self.chance.choice(("planned", "under_way", "done")),
            )  # fmt: skip
            if is_last and status == "done":
                Activity.objects.filter(pk=activity.pk).update(completed_on=day)

    def _alert(self) -> None:
        received = self.mission.now - self.chance.randint(0, 120) * DAY
        decision = self.chance.choice(("", "respond", "no_response"))
        responded = decision == "respond" and self.chance.random() < 0.5
        stage = self.chance.choice(("received", "decided", "closed"))
        alert = AlertFactory(
            mission=self.mission, classification=self._level(), received_at=received,
            imminence=self.chance.choice(("imminent", "days")),
            stage=stage, outcome=self.chance.choice(AlertOutcome.values) if stage == "closed" else "",
            field_office=self.chance.choice((*self.offices, None)), decision=decision,
            decided_at=received + self.chance.randint(1, 90) * DAY / 24 if decision else None,
            responded_at=received + self.chance.randint(90, 200) * DAY / 24 if responded else None,
            responding_component=self.chance.choice(self.components) if responded else None,
            verification="false" if received.day % 3 == 0 else "",
        )  # fmt: skip
        first = None
        for _ in range(self.chance.randint(0, 3)):
            step = AlertStep.objects.create(
                mission=self.mission, alert=alert, step="acknowledged", taken_at=received,
                recorded_after=self.chance.randint(0, 50) * DAY / 24,
                never_happened=self.chance.random() < 0.2,
                corrects=first if self.chance.random() < 0.4 else None,
            )  # fmt: skip
            first = None if step.corrects_id else step

    def _post(self) -> None:
        PostFactory(
            mission=self.mission, classification=self._level(),
            component=self.chance.choice(self.components),
            longitude=20 + self.chance.random(), latitude=6 + self.chance.random() / 2,
            since=self._ago(200), until=self.chance.choice((None, TODAY, TODAY + DAY)),
            strength=self.chance.choice(("company", "unknown")),
        )  # fmt: skip

    def _meeting(self) -> None:
        meeting = MeetingFactory(mission=self.mission, classification=self._level())
        for _ in range(self.chance.randint(0, 3)):
            DecisionFactory(
                meeting=meeting, mission=self.mission, classification=self._level(),
                owner=self.chance.choice(self.components),
                done_on=self.chance.choice((None, TODAY)),
            )  # fmt: skip

    def _strategy(self) -> None:
        objective = ObjectiveFactory(
            strategy=StrategyFactory(mission=self.mission, classification=self._level())
        )
        for _ in range(self.chance.randint(0, 2)):
            indicator = IndicatorFactory(objective=objective, baseline=self.chance.randint(0, 9))
            for _ in range(self.chance.randint(0, 3)):
                MeasurementFactory(
                    indicator=indicator, day=self._ago(20), value=self.chance.randint(0, 80)
                )
