"""A client that follows the lists ends with exactly what its account can see.

Rows are committed here, for the order of commits is what is tested; a mission of its own is made
for each run and removed after it.
"""

import itertools

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from missions.choices import Classification, Role
from missions.models import User
from records.feed.reading import keep_marks, tell_of
from records.services import update_record, withdraw_record
from tests.factories import (
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    FieldOfficeFactory,
    IncidentActorFactory,
    IncidentFactory,
    IncidentSourceFactory,
    MembershipFactory,
    MissionFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
    UserFactory,
)
from tests.proof import size
from tests.serving import database_copy, within
from threats.models import (
    ArmedActor,
    Assessment,
    Community,
    Incident,
    IncidentActor,
    IncidentSource,
    RiskScore,
    Threat,
)

LISTS = (
    "incidents/?kind=killing",
    "incidents/?",
    "communities/?",
    "threats/?",
    "assessments/?",
    "armed-actors/?",
    "incident-sources/?",
    "risk-scores/?",
)
LEVELS = st.sampled_from(Classification.values)
NUMBERS = itertools.count()
WRITTEN = (Incident, Community, Threat, ArmedActor)


class Mirror:
    """What one account holds of one list, and where it goes on."""

    def __init__(self, user: User, path: str, page_size: int):
        self.user, self.path, self.page_size = user, path, page_size
        self.begin()

    def begin(self) -> None:
        self.held: dict[int, dict] = {}
        self.place = f"/api/v1/{self.path}&modified_since=start&page_size={self.page_size}"

    def get(self, address: str):
        client = APIClient()
        client.force_authenticate(User.objects.get(pk=self.user.pk))
        return client.get(address)

    def step(self) -> bool:
        """Ask once; whether there is more to be had at once."""
        answer = self.get(self.place)
        if answer.status_code == 410:
            self.begin()
            return True
        page = answer.json()
        assert answer.status_code == 200, page
        shown = {row["id"]: row for row in self.listed()}
        for row in page["results"]:
            assert row == shown[row["id"]]  # never more than a plain request shows
            self.held[row["id"]] = row
        for key in page["removed"]:
            self.held.pop(key, None)
        self.place = page["follow"]
        return page["next"] is not None

    def catch_up(self) -> None:
        while self.step():
            pass

    def listed(self) -> list[dict]:
        rows, page = [], f"/api/v1/{self.path}&page_size=1000"
        while page:
            answer = self.get(page).json()
            rows += answer["results"]
            page = answer["next"]
        return rows


class Following(RuleBasedStateMachine):
    late = locked = None  # the connection of a transaction under way, and the incident it holds

    def __init__(self):
        super().__init__()
        self.mission = MissionFactory(code=f"F-{next(NUMBERS)}")
        self.model = RiskModelFactory(mission=self.mission)
        self.analyst = self._member(Role.ADMIN, Classification.STRICTLY_CONFIDENTIAL)
        self.office = FieldOfficeFactory(mission=self.mission)
        readers = [self._member(Role.VIEWER, level) for level in (0, 1, 2)]
        self.mirrors = [
            Mirror(reader, path, 1 + number % 3)
            for reader in readers
            for number, path in enumerate(LISTS)
        ]

    def _member(self, role, clearance) -> User:
        return MembershipFactory(
            member=UserFactory(username=f"follower-{next(NUMBERS)}"),
            mission=self.mission, role=role, clearance=clearance,
        ).member  # fmt: skip

    def _pick(self, model, number: int):
        found = list(
            model.objects.current()
            .filter(mission=self.mission)
            .exclude(pk=self.locked if model is Incident else None)
            .order_by("pk")
        )
        return found[number % len(found)] if found else None

    # -- what others do -------------------------------------------------------------------

    @rule(level=LEVELS, kind=st.sampled_from(["killing", "looting"]), n=st.integers(0, 9))
    def report(self, level, kind, n):
        incident = IncidentFactory(mission=self.mission, classification=level, kind=kind)
        actor = self._pick(ArmedActor, n)
        if actor:
            IncidentActorFactory(incident=incident, actor=actor)

    @rule(level=LEVELS)
    def settle(self, level):
        place = CommunityFactory(
            mission=self.mission, classification=level, field_office=self.office
        )
        for clearance in range(3):
            RiskScoreFactory(community=place, clearance=clearance, model=self.model)

    @rule(level=LEVELS)
    def name_actor(self, level):
        ArmedActorFactory(mission=self.mission, classification=level)

    @rule(level=LEVELS, n=st.integers(0, 9), m=st.integers(0, 9))
    def see_threat(self, level, n, m):
        threat = ThreatFactory(mission=self.mission, classification=level)
        for name, model in (("communities", Community), ("incidents", Incident)):
            other = self._pick(model, n)
            if other:
                getattr(threat, name).add(other)
        actor = self._pick(ArmedActor, m)
        if actor:
            threat.perpetrators.add(actor)

    @rule(level=LEVELS, n=st.integers(0, 9))
    def assess(self, level, n):
        threat = self._pick(Threat, n)
        if threat:
            AssessmentFactory(threat=threat, classification=level, likelihood=1 + n % 5)

    @rule(n=st.integers(0, 9))
    def grade(self, n):
        incident = self._pick(Incident, n)
        if incident:
            IncidentSourceFactory(incident=incident)

    @rule(model=st.sampled_from(WRITTEN), n=st.integers(0, 9), level=LEVELS)
    def reclassify(self, model, n, level):
        record = self._pick(model, n)
        if record:
            update_record(record, user=self.analyst, classification=level)

    @rule(model=st.sampled_from(WRITTEN), n=st.integers(0, 9))
    def withdraw(self, model, n):
        record = self._pick(model, n)
        if record:
            withdraw_record(record, user=self.analyst, reason="mistaken")

    @rule(n=st.integers(0, 9), kind=st.sampled_from(["killing", "looting"]))
    def correct(self, n, kind):
        incident = self._pick(Incident, n)
        if incident:
            update_record(incident, user=self.analyst, kind=kind)

    @rule(n=st.integers(0, 9), m=st.integers(0, 9))
    def relate(self, n, m):
        threat, incident = self._pick(Threat, n), self._pick(Incident, m)
        if threat and incident:
            related = threat.incidents
            (related.remove if related.contains(incident) else related.add)(incident)

    @rule(n=st.integers(0, 9))
    def purge(self, n):
        incident = self._pick(Incident, n)
        if incident:
            with transaction.atomic():
                for model in (
                    Threat.incidents.through, Assessment.incidents.through, IncidentActor,
                    IncidentSource,
                ):  # fmt: skip
                    model.objects.filter(incident=incident).delete()
                incident.delete()

    @rule(n=st.integers(0, 9), level=LEVELS, probability=st.floats(0.01, 0.9))
    def rescore(self, n, level, probability):
        place = self._pick(Community, n)
        if place:
            with transaction.atomic():
                RiskScore.objects.filter(community=place, clearance__gte=level).update(
                    probability=probability, band=1 + int(probability * 5)
                )
                found = Community.objects.filter(pk=place.pk)
                tell_of(found, level)
                tell_of(Threat.objects.filter(communities__in=found), level)

    @rule(level=LEVELS)
    def begin_late(self, level):
        """A transaction that is long under way, its identifier older than others'."""
        if self.late is None:
            self.locked = IncidentFactory(
                mission=self.mission, classification=level, kind="looting"
            ).pk
            self.late = connection.copy()
            self.late.set_autocommit(False)
            with self.late.cursor() as cursor:
                cursor.execute(
                    "UPDATE threats_incident SET kind = 'killing', modified_at = now() "
                    "WHERE id = %s",
                    [self.locked],
                )

    @rule(kept=st.booleans())
    def end_late(self, kept):
        if self.late is not None:
            (self.late.commit if kept else self.late.rollback)()
            self.late.close()
            self.late = self.locked = None

    @rule()
    def mark(self):
        keep_marks()

    @rule(n=st.integers(0, 2), level=LEVELS)
    def clear(self, n, level):
        reader = self.mirrors[n * len(LISTS)].user
        reader.memberships.update(clearance=level)

    # -- what the mirrors do --------------------------------------------------------------

    @rule(n=st.integers(0, 3 * len(LISTS) - 1))
    def step(self, n):
        self.mirrors[n].step()

    @rule(n=st.integers(0, 3 * len(LISTS) - 1))
    def catch_up(self, n):
        self.mirrors[n].catch_up()

    def teardown(self):
        self.end_late(kept=True)
        for mirror in self.mirrors:
            mirror.catch_up()
            assert mirror.held == {row["id"]: row for row in mirror.listed()}, mirror.path


@pytest.fixture
def own_database(django_db_setup, django_db_blocker):
    """A copy of the test database: what is committed in it goes with it."""
    with database_copy(django_db_blocker, "mirror") as copy, within(django_db_blocker, copy):
        yield


@pytest.mark.prove
def test_whatever_happens_a_mirror_ends_with_what_its_account_can_see(own_database, figure):
    examples, steps = size(2, 60), 25
    run_state_machine_as_test(
        Following,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    figure("histories followed", examples)
    figure("changes a history, at most", steps)
    figure("mirrors that differed", 0, "0")


def test_what_is_committed_late_is_still_told(own_database):
    following = Following()
    mirror = next(m for m in following.mirrors if m.path == "incidents/?kind=killing")
    following.report(level=0, kind="killing", n=0)
    mirror.catch_up()
    following.begin_late(level=0)  # becomes a killing, but not yet for others
    late = following.locked
    following.report(level=0, kind="killing", n=0)
    mirror.catch_up()
    assert late not in mirror.held
    following.end_late(kept=True)
    mirror.catch_up()
    assert late in mirror.held
    assert len(mirror.held) == 3
