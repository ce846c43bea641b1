"""Pages of a large mission: server time of a whole request, beside PostgreSQL's bare count of it.

5,000 threats, 50,000 activities, 20,000 alerts, 200,000 incidents, 5,000 communities.
"""

import random
import statistics
import time
from datetime import date, timedelta

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from missions.models import AdminArea, Component, FieldOffice, Mission, User
from missions.need_to_know import LAYERS
from missions.services import add_member, create_mission
from strategies.models import Activity, StatusChange
from strategies.services.briefs import issue_brief, pdf_of, prepare_brief
from threats.alerts.choices import Imminence
from threats.choices import Phase, ThreatKind
from threats.models import (
    Alert,
    Assessment,
    Community,
    Incident,
    Post,
    RiskModel,
    RiskScore,
    RiskState,
    Threat,
    ThreatDecision,
)
from threats.risk import intensity
from threats.risk.kernels import TERMS

CODE = "BENCHPAGES"
TODAY = date(2022, 12, 31)
DAY = timedelta(days=1)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[15, 4], [16, 4], [16, 5], [15, 5], [15, 4]]],
}
ROUNDS = 15
BUDGET = 0.150  # seconds
COMMUNITIES, INCIDENTS, THREATS, ALERTS, ACTIVITIES = 5_000, 200_000, 5_000, 20_000, 50_000
BLOCK = 5_000


def run() -> None:
    print("\npages of a large mission")
    mission, user = generate()
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    component = Component.objects.filter(mission=mission, kind="military").get()
    pages = {
        "overview": "",
        "register of threats": "threats/?status=active",
        "coverage": "coverage/",
        "workspace": f"components/{component.pk}/",
        "alerts": "alerts/?open=true",
        "activities": "activities/?live=true",
        "board": "activities/board/",
        "timeline": "activities/timeline/",
        "communities": "communities/",
        "search": "search/?q=place 17",
    }
    for name, path in pages.items():
        url = f"/{mission.code}/{path}"
        taken = []
        for _round in range(ROUNDS):
            started = time.perf_counter()
            answer = client.get(url)
            taken.append(time.perf_counter() - started)
            assert answer.status_code == 200, (url, answer.status_code)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        in_sql = sum(float(query["time"]) for query in captured)
        middle = statistics.median(taken)
        print(
            f"  {name:22}{1000 * middle:7.0f} ms  = {middle / BUDGET:4.2f} of {1000 * BUDGET:.0f} ms; "
            f"PostgreSQL {1000 * in_sql:5.0f} ms in {len(captured)} queries"
        )
    started = time.perf_counter()
    brief = prepare_brief(user=user, mission=mission, week=date(2022, 12, 26), classification=1)
    prepared = time.perf_counter() - started
    issue_brief(brief, user=user)
    brief.refresh_from_db()
    started = time.perf_counter()
    size = len(pdf_of(brief, "en"))
    made = time.perf_counter() - started
    print(f"  brief: composed in two languages {prepared:.1f} s, PDF {made:.2f} s ({size:,} bytes)")


def generate() -> tuple[Mission, User]:
    """A mission alone in its database."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE missions_mission CASCADE")
    mission = create_mission(code=CODE, name="Benchmark", countries=["CAF"], reference_date=TODAY)
    user, _created = User.objects.get_or_create(username="bench-pages")
    add_member(member=user, mission=mission, role="adviser", clearance=1)
    dice = random.Random(5)
    with transaction.atomic():
        _make(mission, user, dice)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return mission, user


def _level(dice: random.Random) -> int:
    return dice.choices((0, 1, 2), (85, 10, 5))[0]


def _point(dice: random.Random) -> dict:
    return {"longitude": 14.5 + dice.random() * 12, "latitude": 3 + dice.random() * 7}


def _fill(model, rows) -> list:
    return model.objects.bulk_create(rows, batch_size=BLOCK)


def _make(mission: Mission, user: User, dice: random.Random) -> None:
    offices = _fill(
        FieldOffice,
        [FieldOffice(mission=mission, name=f"Office {n}", **_point(dice)) for n in range(12)],
    )
    areas = _fill(AdminArea, [
        AdminArea(mission=mission, code=f"A{n}", name=f"Area {n}", level=1,
                  field_office=offices[n % 12], polygon=SQUARE)
        for n in range(60)
    ])  # fmt: skip
    _fill(Post, [
        Post(mission=mission, name=f"Base {n}", kind="company", since=TODAY - 90 * DAY,
             component=Component.objects.get(mission=mission, kind="military"), **_point(dice))
        for n in range(60)
    ])  # fmt: skip

    def somewhere() -> dict:
        area = dice.choice(areas)
        return {"admin_area": area, "field_office": area.field_office}

    communities = _fill(Community, [
        Community(mission=mission, name=f"Place {n}", sort_name=f"place {n}", **_point(dice),
                  **somewhere(), population=None if n % 3 else 500 + n)
        for n in range(COMMUNITIES)
    ])  # fmt: skip
    model = RiskModel.objects.create(
        version=f"bench-{mission.pk}", coefficients=intensity.prior_coefficients()
    )
    RiskState.objects.create(
        mission=mission, landmark=TODAY, until=TODAY, model=model, terms=list(TERMS)
    )
    _fill(RiskScore, [
        RiskScore(id=(community.pk * 2 + (horizon == 90)) * LAYERS + clearance, mission=mission,
                  community=community, date=TODAY, horizon=horizon, clearance=clearance,
                  expected=0.1, probability=dice.random() ** 3, band=dice.choice((1, 1, 2, 2, 3, 4)),
                  week_before=dice.random() ** 3, model=model, computed_at=timezone.now())
        for community in communities for horizon in (30, 90) for clearance in (0, 1, 2)
    ])  # fmt: skip
    for first in range(0, INCIDENTS, BLOCK):
        _fill(Incident, [
            Incident(mission=mission, classification=_level(dice), kind="killing",
                     against_civilians=bool(n % 2), start_date=(day := TODAY - dice.randrange(7_000) * DAY),
                     end_date=day, place_name=f"Place {n % COMMUNITIES}", deaths_best=n % 9,
                     civilian_deaths=n % 5, notes=f"What reports tell of event {n}.",
                     **_point(dice), **somewhere())
            for n in range(first, first + BLOCK)
        ])  # fmt: skip
    threats = _fill(Threat, [
        Threat(mission=mission, classification=_level(dice), title=f"Threat {n} to civilians",
               status=dice.choices(("active", "closed", "proposed"), (80, 15, 5))[0],
               phase=dice.choice(Phase.values), phase_since=TODAY - dice.randrange(90) * DAY,
               kind=dice.choice(ThreatKind.values), admin_area=dice.choice(areas))
        for n in range(THREATS)
    ])  # fmt: skip
    _fill(Assessment, [
        Assessment(mission=mission, threat=threat, classification=threat.classification,
                   likelihood=dice.randint(1, 5), impact=dice.randint(1, 5), rationale="Generated.")
        for threat in threats for _n in range(2)
    ])  # fmt: skip
    _fill(ThreatDecision, [
        ThreatDecision(mission=mission, threat=threat, status=status, phase=phase,
                       day=TODAY - days * DAY, decided_by=user)
        for threat in threats
        for status, phase, days in (
            ("active", dice.choice(Phase.values), 120), (threat.status, threat.phase, 20),
        )
    ])  # fmt: skip
    through = Threat.communities.through
    _fill(through, [
        through(threat=threat, community=community)
        for threat in threats for community in dice.sample(communities, 3)
    ])  # fmt: skip
    now = timezone.now()
    components = list(Component.objects.filter(mission=mission))
    alerts = []
    for n in range(ALERTS):
        received = now - dice.random() * 700 * DAY
        closed = dice.random() < 0.95
        decided = received + dice.random() * DAY if closed or n % 2 else None
        alerts.append(
            Alert(mission=mission, classification=_level(dice), kind="attack",
                  imminence=dice.choice(Imminence.values), details=f"Warning {n}.",
                  received_at=received, mission_day=received.date(),
                  place_name=f"Place {n % COMMUNITIES}", decided_at=decided,
                  decision="respond" if decided else "", stage="closed" if closed else "received",
                  responding_component=dice.choice(components) if decided else None,
                  responded_at=decided and decided + dice.random() * DAY if closed else None,
                  closed_at=now if closed else None, **_point(dice), **somewhere())
        )  # fmt: skip
    _fill(Alert, alerts)
    activities = []
    for n in range(ACTIVITIES):
        status = dice.choices(("planned", "under_way", "done", "cancelled"), (30, 20, 45, 5))[0]
        start = TODAY - dice.randrange(-20, 300) * DAY
        due = start + dice.randrange(10, 200) * DAY
        activities.append(
            Activity(mission=mission, classification=_level(dice), title=f"Activity {n}",
                     tier=dice.choice((1, 2, 3)), phase=dice.choice(Phase.values), status=status,
                     lead_component=dice.choice(components), start=start, due=due,
                     completed_on=min(due, TODAY) if status == "done" else None)
        )  # fmt: skip
    _fill(Activity, activities)
    links = Activity.threats.through
    _fill(links, [
        links(activity=activity, threat=threat)
        for activity in activities for threat in dice.sample(threats, dice.choice((1, 1, 2)))
    ])  # fmt: skip
    _fill(StatusChange, [
        StatusChange(activity=activity, status=status, day=day, changed_by=user)
        for activity in activities
        for status, day in (
            ("planned", activity.start - 10 * DAY), (activity.status, min(activity.start, TODAY)),
        )
    ])  # fmt: skip
