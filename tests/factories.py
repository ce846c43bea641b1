"""One factory a model; what a test does not name is plausible and unclassified."""

import datetime

import factory
from factory.django import DjangoModelFactory

from exchange.models import Intake
from missions.choices import Classification, ComponentKind, Role
from missions.models import AdminArea, Component, FieldOffice, Membership, Mission, User
from missions.need_to_know import LAYERS
from strategies.choices import Tier
from strategies.models import (
    Activity,
    Decision,
    Indicator,
    Measurement,
    Meeting,
    Objective,
    Strategy,
)
from threats.choices import (
    ActorPart,
    Credibility,
    IncidentKind,
    Phase,
    Reliability,
    SourceKind,
    ThreatStatus,
)
from threats.models import (
    ActorIdentifier,
    Alert,
    ArmedActor,
    Assessment,
    Community,
    Incident,
    IncidentActor,
    IncidentSource,
    Informant,
    Post,
    RecomputeRequest,
    RiskBacktest,
    RiskHistory,
    RiskModel,
    RiskScore,
    RiskState,
    Threat,
)
from threats.presence.choices import PostKind, Strength
from threats.risk import intensity
from threats.risk.kernels import TERMS

TODAY = datetime.date(2022, 12, 31)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user-{n}")


class MissionFactory(DjangoModelFactory):
    class Meta:
        model = Mission

    code = factory.Sequence(lambda n: f"M{n}")
    name = "A mission"
    countries = ["CAF"]
    reference_date = TODAY


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership
        skip_postgeneration_save = True

    member = factory.SubFactory(UserFactory)
    mission = factory.SubFactory(MissionFactory)
    role = Role.VIEWER
    clearance = Classification.UNCLASSIFIED

    @factory.post_generation
    def field_offices(self, create, extracted, **kwargs):
        if extracted:
            self.field_offices.set(extracted)


class ComponentFactory(DjangoModelFactory):
    class Meta:
        model = Component

    mission = factory.SubFactory(MissionFactory)
    kind = ComponentKind.MILITARY
    name = factory.Sequence(lambda n: f"Component {n}")


class FieldOfficeFactory(DjangoModelFactory):
    class Meta:
        model = FieldOffice

    mission = factory.SubFactory(MissionFactory)
    name = factory.Sequence(lambda n: f"Office {n}")
    longitude = 20.0
    latitude = 5.0


class AdminAreaFactory(DjangoModelFactory):
    class Meta:
        model = AdminArea

    mission = factory.SubFactory(MissionFactory)
    code = factory.Sequence(lambda n: f"A-{n}")
    name = factory.Sequence(lambda n: f"Area {n}")
    level = 1
    polygon = {
        "type": "Polygon",
        "coordinates": [[[19.0, 4.0], [21.0, 4.0], [21.0, 6.0], [19.0, 6.0], [19.0, 4.0]]],
    }


class CommunityFactory(DjangoModelFactory):
    class Meta:
        model = Community

    mission = factory.SubFactory(MissionFactory)
    name = factory.Sequence(lambda n: f"Village {n}")
    longitude = 20.0
    latitude = 5.0


class ArmedActorFactory(DjangoModelFactory):
    class Meta:
        model = ArmedActor

    mission = factory.SubFactory(MissionFactory)
    name = factory.Sequence(lambda n: f"Group {n}")


class ActorIdentifierFactory(DjangoModelFactory):
    class Meta:
        model = ActorIdentifier

    mission = factory.SelfAttribute("actor.mission")
    actor = factory.SubFactory(ArmedActorFactory)
    dataset = "ucdp"
    value = factory.Sequence(str)


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident

    mission = factory.SubFactory(MissionFactory)
    kind = IncidentKind.KILLING
    start_date = TODAY - datetime.timedelta(days=3)
    end_date = factory.SelfAttribute("start_date")
    place_name = "Somewhere"
    longitude = 20.0
    latitude = 5.0

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        if "against_civilians" in kwargs:  # as the reporter says: the model works out the rest
            kwargs["said_against_civilians"] = kwargs["against_civilians"]
        return kwargs


class IncidentActorFactory(DjangoModelFactory):
    class Meta:
        model = IncidentActor

    incident = factory.SubFactory(IncidentFactory)
    actor = factory.SubFactory(
        ArmedActorFactory, mission=factory.SelfAttribute("..incident.mission")
    )
    part = ActorPart.PERPETRATOR


class InformantFactory(DjangoModelFactory):
    class Meta:
        model = Informant

    mission = factory.SubFactory(MissionFactory)
    name = "A name nobody may read"
    contact = "A number nobody may call"
    created_by = factory.SubFactory(UserFactory)


class IncidentSourceFactory(DjangoModelFactory):
    class Meta:
        model = IncidentSource

    mission = factory.SelfAttribute("incident.mission")
    incident = factory.SubFactory(IncidentFactory)
    kind = SourceKind.COMMUNITY


class ThreatFactory(DjangoModelFactory):
    class Meta:
        model = Threat

    mission = factory.SubFactory(MissionFactory)
    title = factory.Sequence(lambda n: f"Threat {n}")
    status = ThreatStatus.ACTIVE
    phase = Phase.RESPONSE
    phase_since = TODAY - datetime.timedelta(days=10)


class AssessmentFactory(DjangoModelFactory):
    class Meta:
        model = Assessment

    mission = factory.SelfAttribute("threat.mission")
    threat = factory.SubFactory(ThreatFactory)
    likelihood = 3
    impact = 4
    rationale = "Because."


class AlertFactory(DjangoModelFactory):
    class Meta:
        model = Alert

    mission = factory.SubFactory(MissionFactory)
    details = "Armed men were seen on the road."
    reliability = Reliability.B
    credibility = Credibility.PROBABLE
    received_at = factory.LazyAttribute(lambda alert: alert.mission.now)
    mission_day = factory.LazyAttribute(lambda alert: alert.mission.day_of(alert.received_at))
    longitude = 20.0
    latitude = 5.0


class RiskModelFactory(DjangoModelFactory):
    class Meta:
        model = RiskModel

    version = factory.Sequence(lambda n: f"model-{n}")
    coefficients = factory.LazyFunction(intensity.prior_coefficients)


class RiskStateFactory(DjangoModelFactory):
    class Meta:
        model = RiskState
        django_get_or_create = ("mission",)

    mission = factory.SubFactory(MissionFactory)
    landmark = until = TODAY
    terms = list(TERMS)
    model = factory.SubFactory(RiskModelFactory)


class RiskScoreFactory(DjangoModelFactory):
    class Meta:
        model = RiskScore
        skip_postgeneration_save = True

    id = factory.LazyAttribute(
        lambda score: (score.community.pk * 2 + (score.horizon == 90)) * LAYERS + score.clearance
    )
    community = factory.SubFactory(CommunityFactory)
    mission = factory.SelfAttribute("community.mission")
    date = TODAY
    horizon = 30
    clearance = Classification.UNCLASSIFIED
    expected = 0.1
    probability = 0.0952
    band = 3
    model = factory.SubFactory(RiskModelFactory)
    computed_at = datetime.datetime(2022, 12, 31, tzinfo=datetime.UTC)

    @factory.post_generation
    def state(score, create, extracted, **kwargs):
        RiskStateFactory(mission=score.mission, model=score.model)


class RiskHistoryFactory(DjangoModelFactory):
    class Meta:
        model = RiskHistory

    community = factory.SubFactory(CommunityFactory)
    mission = factory.SelfAttribute("community.mission")
    date = factory.Sequence(lambda n: TODAY - datetime.timedelta(days=1 + n))
    horizon = 30
    clearance = Classification.UNCLASSIFIED
    expected = 0.1
    probability = 0.0952
    band = 3
    model = factory.SubFactory(RiskModelFactory)


class RiskBacktestFactory(DjangoModelFactory):
    class Meta:
        model = RiskBacktest

    mission = factory.SubFactory(MissionFactory)
    first_day = datetime.date(2021, 1, 1)
    last_day = TODAY
    figures = factory.LazyFunction(lambda: {"targets": {}})


class RecomputeRequestFactory(DjangoModelFactory):
    class Meta:
        model = RecomputeRequest

    mission = factory.SubFactory(MissionFactory)
    scope = RecomputeRequest.Scope.WHOLE


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    mission = factory.SubFactory(MissionFactory)
    title = factory.Sequence(lambda n: f"Activity {n}")
    tier = Tier.TIER_2
    phase = Phase.RESPONSE
    lead_component = factory.SubFactory(
        ComponentFactory, mission=factory.SelfAttribute("..mission")
    )
    start = TODAY
    due = TODAY + datetime.timedelta(days=30)


class StrategyFactory(DjangoModelFactory):
    class Meta:
        model = Strategy

    mission = factory.SubFactory(MissionFactory)
    title = factory.Sequence(lambda n: f"Strategy {n}")
    start = TODAY
    end = TODAY + datetime.timedelta(days=365)


class ObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = Objective

    mission = factory.SelfAttribute("strategy.mission")
    strategy = factory.SubFactory(StrategyFactory)
    title = factory.Sequence(lambda n: f"Objective {n}")


class IndicatorFactory(DjangoModelFactory):
    class Meta:
        model = Indicator

    mission = factory.SelfAttribute("objective.mission")
    objective = factory.SubFactory(ObjectiveFactory)
    title = factory.Sequence(lambda n: f"Indicator {n}")
    baseline = 10.0
    target = 50.0


class MeasurementFactory(DjangoModelFactory):
    class Meta:
        model = Measurement

    mission = factory.SelfAttribute("indicator.mission")
    indicator = factory.SubFactory(IndicatorFactory)
    day = TODAY
    value = 20.0


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = Meeting

    mission = factory.SubFactory(MissionFactory)
    title = factory.Sequence(lambda n: f"POC working group {n}")
    day = TODAY


class DecisionFactory(DjangoModelFactory):
    class Meta:
        model = Decision

    mission = factory.SelfAttribute("meeting.mission")
    meeting = factory.SubFactory(MeetingFactory)
    text = factory.Sequence(lambda n: f"Decision {n}")
    owner = factory.SubFactory(ComponentFactory, mission=factory.SelfAttribute("..meeting.mission"))
    due = TODAY + datetime.timedelta(days=14)


class PostFactory(DjangoModelFactory):
    class Meta:
        model = Post

    mission = factory.SubFactory(MissionFactory)
    name = factory.Sequence(lambda n: f"Base {n}")
    kind = PostKind.COMPANY
    strength = Strength.COMPANY
    component = factory.SubFactory(ComponentFactory, mission=factory.SelfAttribute("..mission"))
    longitude = 20.0
    latitude = 5.0
    since = TODAY - datetime.timedelta(days=100)


class IntakeFactory(DjangoModelFactory):
    class Meta:
        model = Intake

    mission = factory.SubFactory(MissionFactory)
    name = factory.Sequence(lambda n: f"form {n}")
    resource = "incidents"
    mapping = factory.LazyFunction(
        lambda: {"kind": {"always": "looting"}, "start_date": {"from": "day"}}
    )
