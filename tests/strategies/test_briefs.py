"""The weekly brief: its figures against a slow count, its two pages, and that it never changes."""

import datetime
import io
import threading
from statistics import median

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.choices import Role
from records.services import EditConflict
from records.versions import version_of
from strategies.brief.document import ASKED, document
from strategies.brief.facts import gather
from strategies.choices import Tier
from strategies.models import Activity, Brief, BriefPdf, StatusChange
from strategies.models.rules import DEFAULT_REQUIRED_PHASES
from strategies.services import briefs
from strategies.services.briefs import (
    edit_brief,
    issue_brief,
    make_brief_pdfs,
    pdf_of,
    prepare_brief,
    prepare_due_briefs,
)
from strategies.tasks import make_brief_pdfs as pdf_task
from tests.battery import ResourceBattery
from tests.factories import (
    TODAY,
    ActivityFactory,
    AdminAreaFactory,
    AlertFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    FieldOfficeFactory,
    IncidentFactory,
    MembershipFactory,
    MissionFactory,
    RiskHistoryFactory,
    RiskModelFactory,
    RiskScoreFactory,
    ThreatFactory,
    UserFactory,
)
from tests.proof import size
from tests.serving import database_copy, within
from threats.choices import Phase
from threats.models import Alert, Incident, Threat, ThreatDecision
from threats.services.titles import draft_title

DAY = datetime.timedelta(days=1)
MONDAY = TODAY - TODAY.weekday() * DAY
NOON = datetime.datetime.combine(TODAY, datetime.time(12), datetime.UTC)


@pytest.fixture
def adviser(member):
    return member(Role.ADVISER)


@pytest.fixture
def brief(mission, adviser):
    return prepare_brief(user=adviser, mission=mission, week=MONDAY, classification=1)


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


# -- figures ---------------------------------------------------------------------------------

days = st.integers(0, 41)
levels = st.integers(0, 2)
incidents = st.lists(
    st.tuples(days, st.booleans(), st.none() | st.integers(0, 9), levels), max_size=12
)
alerts = st.lists(
    st.tuples(days, st.none() | st.integers(1, 90), st.none() | st.integers(1, 90), levels),
    max_size=8,
)
moves = st.lists(
    st.tuples(
        levels, st.integers(-10, 20),
        st.lists(
            st.tuples(days, st.sampled_from(["planned", "under_way", "done", "cancelled"])),
            min_size=1, max_size=4,
        ),
    ),
    max_size=6,
)  # fmt: skip
phases = st.lists(
    st.lists(
        st.tuples(days, st.sampled_from(["active", "resolved"]), st.sampled_from(Phase.values)),
        min_size=1, max_size=3,
    ),
    min_size=1, max_size=3,
)  # fmt: skip


def ago(days_ago: int) -> datetime.date:
    return TODAY - days_ago * DAY


def slow_as_of(history, day):
    """Entries (days ago, …) in order of time: the last one by ``day``, and all up to it."""
    return [row for row in sorted(history, key=lambda row: -row[0]) if ago(row[0]) <= day]


def standing(history):
    """Without what another “done” right after it corrected."""
    rows = sorted(history, key=lambda row: -row[0])
    following = [*(row[1] for row in rows[1:]), None]
    return [
        row for row, after in zip(rows, following, strict=False) if not row[1] == after == "done"
    ]


def slow_matrix(threats, activities, day):
    """Required cells, and gaps and overdue ones among them, over all rows in plain Python."""
    required = gaps = overdue = 0
    for of_threat in threats:
        past = slow_as_of(of_threat, day)
        if not past or past[-1][1] != "active":
            continue
        phase = past[-1][2]
        since = ago(past[-1][0])
        for row in reversed(past):
            if row[2] != phase:
                break
            since = ago(row[0])
        for _tier in Tier.values:
            for called in DEFAULT_REQUIRED_PHASES[phase]:
                required += 1
                states = set()
                for level, due, history in activities:
                    seen = slow_as_of(standing(history), day)
                    if level > 1 or not seen or (_tier, called) != (2, "response"):
                        continue
                    status = seen[-1][1]
                    if status in ("planned", "under_way"):
                        states.add("overdue" if TODAY + due * DAY < day else status)
                    elif status == "done" and ago(seen[-1][0]) >= since:
                        states.add("done")
                gaps += not states
                overdue += "overdue" in states
    return required, gaps, overdue


@pytest.mark.prove
@given(incidents=incidents, alerts=alerts, moves=moves, phases=phases)
@settings(
    max_examples=size(8, 200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_its_figures_equal_a_slow_count(mission, member, incidents, alerts, moves, phases):
    for model in (Incident, Alert, Activity):
        model.objects.filter(mission=mission).delete()
    ThreatDecision.objects.filter(threat__mission=mission).delete()
    Threat.objects.filter(mission=mission).delete()
    actor = member(Role.ADVISER)
    for days_ago, against, deaths, level in incidents:
        IncidentFactory(
            mission=mission, start_date=ago(days_ago), against_civilians=against,
            civilian_deaths=deaths, classification=level,
        )  # fmt: skip
    for days_ago, decided, responded, level in alerts:
        AlertFactory(
            mission=mission, classification=level, received_at=(received := NOON - days_ago * DAY),
            decided_at=decided and received + datetime.timedelta(minutes=decided),
            responded_at=responded and received + datetime.timedelta(minutes=responded),
        )  # fmt: skip
    # Histories in which no two changes share a day, so that their order is that of the days.
    moves = [
        (lv, due, list({row[0]: row for row in history}.values())) for lv, due, history in moves
    ]
    phases = [list({row[0]: row for row in history}.values()) for history in phases]
    threats = []
    for history in phases:
        last = min(history)
        threat = ThreatFactory(mission=mission, status=last[1], phase=last[2])
        threats.append(threat)
        for days_ago, status, phase in history:
            ThreatDecision.objects.create(
                mission=mission,
                threat=threat,
                status=status,
                phase=phase,
                day=ago(days_ago),
                decided_by=actor,
            )
    component = ComponentFactory(mission=mission)
    for level, due, history in moves:
        last = min(history)
        made = ActivityFactory(
            mission=mission, classification=level, tier=2, phase="response", status=last[1],
            start=ago(60), due=TODAY + due * DAY, lead_component=component,
            completed_on=ago(last[0]) if last[1] == "done" else None,
        )  # fmt: skip
        made.threats.set(threats)
        for days_ago, status in sorted(history, reverse=True):
            StatusChange.objects.create(
                activity=made, status=status, day=ago(days_ago), changed_by=actor
            )

    facts = gather(mission, 1, MONDAY)
    for n, week in enumerate([facts.week, *facts.before]):
        first = MONDAY - 7 * n * DAY
        last = min(first + 6 * DAY, TODAY)
        of_week = [row for row in incidents if first <= ago(row[0]) <= last and row[3] <= 1]
        harm = [bool(row[1] or row[2]) for row in of_week]  # civilians who died always count
        is_told = any(ago(row[0]) <= last for row in (*incidents, *alerts) if row[3] <= 1)
        deaths = sum(row[2] or 0 for row in of_week)
        happened = (sum(harm), len(harm) - sum(harm), deaths)
        assert (week.incidents, week.clashes, week.civilian_deaths) == (
            happened if is_told else (None, None, None)
        )
        received = [row for row in alerts if first <= ago(row[0]) <= last and row[3] <= 1]
        decided = [datetime.timedelta(minutes=row[1]) for row in received if row[1]]
        responded = [datetime.timedelta(minutes=row[2]) for row in received if row[2]]
        assert week.alerts == len(received)
        assert week.answered == len(responded)
        assert week.to_decision == (median(decided) if decided else None)
        assert week.to_response == (median(responded) if responded else None)
    for matrix, day in ((facts.matrix, TODAY), (facts.matrix_before, MONDAY - DAY)):
        found = tuple(
            sum(getattr(cell, name) for cell in matrix) for name in ("required", "gaps", "overdue")
        )
        assert found == slow_matrix(phases, moves, day)
    live = [
        row for row in moves
        if row[0] <= 1 and (seen := slow_as_of(standing(row[2]), TODAY)) and seen[-1][1] in ("planned", "under_way")
        and TODAY + row[1] * DAY < TODAY
    ]  # fmt: skip
    assert len(facts.overdue.rows) + facts.overdue.cut == len(live)
    moved = [
        row for row in moves if row[0] <= 1 and any(MONDAY <= ago(c[0]) <= TODAY for c in row[2])
    ]
    assert len(facts.moves.rows) + facts.moves.cut == len(moved)
    assert len(facts.gaps.rows) + facts.gaps.cut == slow_matrix(phases, moves, TODAY)[1]
    undecided = [row for row in alerts if row[3] <= 1 and row[1] is None]
    assert facts.undecided == len(undecided)


def test_the_communities_whose_risk_rose_most_and_why(mission):
    model = RiskModelFactory()
    rises = {}
    probabilities = [(0.1, 0.4), (0.2, 0.2), (0.05, 0.5), (0.3, 0.1), (0.1, 0.35)]
    for n, (before, after) in enumerate(probabilities):
        where = 16.0 if n == 4 else 16.0 + n  # the last beside the first: one row
        community = CommunityFactory(mission=mission, name=f"Place {n}", longitude=where)
        RiskHistoryFactory(
            community=community, date=TODAY - 7 * DAY, probability=before, model=model
        )
        RiskScoreFactory(community=community, probability=after, model=model)
        rises[community.name] = after - before
    facts = gather(mission, 0, MONDAY)
    found = [
        (row.explanation.community.name, row.after - row.before, row.others)
        for row in facts.risen.rows
    ]
    assert found == [
        ("Place 2", pytest.approx(0.45), 0), ("Place 0", pytest.approx(0.3), 1),
    ]  # fmt: skip
    assert facts.risen.cut == 0
    assert facts.scored == (TODAY - 7 * DAY, TODAY)


def test_a_field_offices_brief_holds_its_own_alone(mission, adviser):
    office = FieldOfficeFactory(mission=mission)
    area = AdminAreaFactory(mission=mission, field_office=office)
    threats = [ThreatFactory(mission=mission, admin_area=area), ThreatFactory(mission=mission)]
    for where in (office, None):
        IncidentFactory(mission=mission, field_office=where)
        AlertFactory(mission=mission, field_office=where)
    facts = gather(mission, 2, MONDAY, office)
    assert [row[0] for row in facts.threats.rows] == threats[:1]
    assert (facts.week.incidents, facts.week.alerts) == (1, 1)
    assert len(facts.incidents.rows) == len(facts.alerts.rows) == 1
    brief = prepare_brief(
        user=adviser, mission=mission, week=MONDAY, classification=2, field_office=office
    )
    assert brief.document["office"] == office.name


# -- what is frozen --------------------------------------------------------------------------


def test_an_issued_brief_never_changes(mission, brief, adviser):
    IncidentFactory(mission=mission, place_name="Before the issue")
    issued = issue_brief(brief, user=adviser)
    assert "Before the issue" in str(issued.documents)
    assert str(adviser) in issued.document["issued"]
    IncidentFactory(mission=mission, place_name="After the issue")
    again = prepare_brief(user=adviser, mission=mission, week=MONDAY, classification=1)
    assert (again.pk != issued.pk, again.edition) == (True, 2)
    for attempt in (
        lambda: issue_brief(issued, user=adviser),
        lambda: edit_brief(issued, user=adviser, asked="More."),
    ):
        with pytest.raises(ValidationError, match="issued"):
            attempt()
    for change in ({"asked": "More."}, {"documents": {}}, {"issued_at": None}):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Brief.objects.filter(pk=issued.pk).update(**change)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Brief.objects.filter(pk=issued.pk)._raw_delete("default")
    issued.refresh_from_db()
    assert "After the issue" not in str(issued.documents)


def test_a_prepared_brief_is_composed_anew_and_keeps_what_was_asked(mission, brief, adviser):
    prepare_brief(user=adviser, mission=mission, week=MONDAY, classification=1, asked="A base.")
    IncidentFactory(mission=mission, place_name="A new report")
    same = prepare_brief(
        user=adviser, mission=mission, week=MONDAY, classification=1, asked="A patrol.\nA base."
    )
    assert same.pk == brief.pk
    assert same.asked == "A base.\nA patrol."
    assert "A new report" in str(same.documents)
    assert same.document["asked"][:2] == ["A base.", "A patrol."]
    seen = version_of(brief, adviser)
    with pytest.raises(EditConflict):
        edit_brief(same, user=adviser, expected=seen, asked="Something else.")


@pytest.mark.parametrize(
    ("week", "message"),
    [(MONDAY + DAY, "is no Monday"), (MONDAY + 7 * DAY, "has not begun")],
)
def test_weeks_there_are_not(mission, adviser, week, message):
    with pytest.raises(ValidationError, match=message):
        prepare_brief(user=adviser, mission=mission, week=week, classification=0)


def test_the_schedule_prepares_the_last_whole_week_once(mission, adviser):
    prepare_due_briefs()
    prepare_due_briefs()
    (brief,) = Brief.objects.filter(mission=mission)
    assert (brief.week, brief.classification, brief.is_issued) == (MONDAY - 7 * DAY, 2, False)
    assert not Brief.objects.filter(mission=MissionFactory()).exists()


@pytest.mark.parametrize("who", ["another worker", "a person"])
def test_two_who_prepare_one_brief_at_once_make_one_and_go_on(
    django_db_setup, django_db_blocker, monkeypatch, who
):
    with database_copy(django_db_blocker, "briefs") as copy, within(django_db_blocker, copy):
        missions = [MissionFactory(), MissionFactory()]
        user, _other = (
            MembershipFactory(mission=mission, role=Role.ADVISER, clearance=0).member
            for mission in missions
        )
        together, done, faults = threading.Event(), threading.Event(), []
        compose = briefs._compose

        def slowly(brief):
            compose(brief)
            if brief.mission == missions[0] and not together.is_set():
                together.set()
                done.wait(20)  # the other one is through meanwhile

        monkeypatch.setattr(briefs, "_compose", slowly)

        def work(first: bool) -> None:
            try:
                if first or who == "another worker":
                    prepare_due_briefs()
                else:
                    week = missions[0].today - (7 + missions[0].today.weekday()) * DAY
                    prepare_brief(user=user, mission=missions[0], week=week, classification=0)
            except Exception as fault:
                faults.append(fault)
            finally:
                connection.close()

        first = threading.Thread(target=work, args=(True,))
        first.start()
        assert together.wait(60)
        other = threading.Thread(target=work, args=(False,))
        other.start()
        other.join(60)
        done.set()
        first.join(60)
        assert not faults
        for mission in missions:
            assert Brief.objects.filter(mission=mission).count() == 1


# -- who may, and what they see --------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER, Role.ANALYST, Role.PLANNER])
def test_only_advisers_prepare_and_issue(mission, brief, member, signed_in, api, role):
    user = member(role)
    with pytest.raises(PermissionDenied):
        prepare_brief(user=user, mission=mission, week=MONDAY, classification=0)
    page = signed_in(user)
    assert page.get(f"/{mission.code}/briefs/prepare/").status_code == 403
    assert page.post(f"{brief.get_absolute_url()}issue/").status_code == 403
    assert api(user).post(f"/api/v1/briefs/{brief.pk}/issue/").status_code == 403
    assert "Issue it" not in page.get(brief.get_absolute_url()).content.decode()


def test_it_is_made_from_its_level_and_read_at_it(mission, adviser, member, signed_in, api):
    for level, place in enumerate(("Openville", "Quietville", "Secretville")):
        IncidentFactory(mission=mission, place_name=place, classification=level)
    made = [
        prepare_brief(user=adviser, mission=mission, week=MONDAY, classification=level)
        for level in (0, 1, 2)
    ]
    for level, brief in enumerate(made):
        text = str(brief.documents) + "".join(pages(pdf_of(brief, "en")))
        assert ("Quietville" in text, "Secretville" in text) == (level >= 1, level >= 2)
        assert brief.document["figures"][0]["value"] == str(level + 1)
    reader = member(clearance=1)
    client, caller = signed_in(reader), api(reader)
    for brief, status in zip(made, (200, 200, 404), strict=True):
        assert client.get(brief.get_absolute_url()).status_code == status
        assert client.get(f"{brief.get_absolute_url()}pdf/").status_code == status
        assert caller.get(f"/api/v1/briefs/{brief.pk}/pdf/").status_code == status
    low = member(Role.ADVISER, clearance=1)
    with pytest.raises(ValidationError, match="above your own clearance"):
        prepare_brief(user=low, mission=mission, week=MONDAY, classification=2)


def test_the_pages(mission, adviser, signed_in):
    IncidentFactory(mission=mission, place_name="A <script>alert(1)</script> place")
    client = signed_in(adviser)
    asked = {"week": str(TODAY), "classification": 1, "asked": "A base at <b>Obo</b>."}
    page = client.post(f"/{mission.code}/briefs/prepare/", asked, follow=True).content.decode()
    brief = Brief.objects.get(mission=mission)
    assert brief.week == MONDAY
    assert "not issued" in page
    assert "<script>alert" not in page
    assert "A base at &lt;b&gt;Obo&lt;/b&gt;." in page
    page = client.post(f"{brief.get_absolute_url()}issue/", follow=True).content.decode()
    assert "It can no longer change." in page
    assert f"Issued by {adviser}" in page
    listed = client.get(f"/{mission.code}/briefs/?issued=true").content.decode()
    assert brief.period in listed
    assert client.get(f"/{mission.code}/briefs/?issued=false").content.decode().count("<td") == 1
    wrong = client.post(f"/{mission.code}/briefs/prepare/", {"week": "soon", "classification": 0})
    assert (wrong.status_code, "soon" in wrong.content.decode()) == (422, True)


# -- the PDF ---------------------------------------------------------------------------------


def test_the_worker_makes_each_pdf_once(mission, brief, adviser, monkeypatch):
    made = []

    def as_pdf(document):
        # Two of one document differ where a second passes between them: what is kept must not.
        made.append(document["language"])
        return briefs_pdf(document) + b"%%%d" % len(made)

    briefs_pdf = briefs.as_pdf
    monkeypatch.setattr(briefs, "as_pdf", as_pdf)
    brief = issue_brief(brief, user=adviser)
    assert pdf_task() == 2
    assert make_brief_pdfs() == 0
    assert {row.language for row in BriefPdf.objects.filter(brief=brief)} == {"en", "fr"}
    first = pdf_of(brief, "fr")
    assert first == pdf_of(brief, "fr")
    assert sorted(made) == ["en", "fr"]
    assert "Note hebdomadaire" in pages(first)[0]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_two_pages_however_much_there_is(mission, adviser, language):
    long = "Very long names of places, people and things that go on and on without any end " * 4
    office = FieldOfficeFactory(mission=mission, name=long[:100])
    area = AdminAreaFactory(mission=mission, field_office=office, name=long[:100])
    component = ComponentFactory(mission=mission, name=long[:100])
    model = RiskModelFactory()
    for n in range(30):
        IncidentFactory(
            mission=mission, start_date=TODAY, place_name=long[:200], admin_area=area,
            deaths_best=1_000 + n, civilian_deaths=1_000,
        )  # fmt: skip
        AlertFactory(
            mission=mission, details=long, field_office=office, admin_area=area,
            imminence="imminent", place_name=long[:150],
        )  # fmt: skip
        threat = ThreatFactory(mission=mission, title=long[:240], admin_area=area)
        AssessmentFactory(threat=threat, likelihood=5, impact=5)
        made = ActivityFactory(
            mission=mission, title=long[:250], lead_component=component, blockers=long,
            start=TODAY - 60 * DAY, due=TODAY - 30 * DAY,
        )  # fmt: skip
        StatusChange.objects.create(
            activity=made, status="planned", day=MONDAY, changed_by=UserFactory(username=f"u{n}")
        )
        community = CommunityFactory(
            mission=mission, name=long[:120], admin_area=area, longitude=15 + n / 3, latitude=6
        )
        RiskHistoryFactory(community=community, date=TODAY - 7 * DAY, probability=0.1, model=model)
        RiskScoreFactory(community=community, probability=0.5, band=5, model=model)
    asked = "\n".join(f"{n} {long[:200]}" for n in range(14))
    brief = prepare_brief(user=adviser, mission=mission, week=MONDAY, classification=0, asked=asked)
    content = pdf_of(brief, language)
    assert len(pages(content)) == 2
    assert len(brief.documents[language]["asked"]) == ASKED
    cut = {part["key"]: part["cut"] for part in brief.documents["en"]["sections"]}
    rows = {part["key"]: len(part["rows"]) for part in brief.documents["en"]["sections"]}
    for key in ("uncovered", "incidents"):
        assert cut[key] == f"and {30 - rows[key]} more"
    assert all(cut.values())


# -- API -------------------------------------------------------------------------------------


class TestBriefs(ResourceBattery):
    resource, writer, refused = "briefs", Role.ADVISER, Role.PLANNER
    change = {"asked": "A temporary base."}

    def make(self, mission, **values):
        n = Brief.objects.filter(mission=mission).count()
        values.setdefault("classification", 0)
        return Brief.objects.create(mission=mission, week=MONDAY - n * 7 * DAY, **values)

    def payload(self, mission):
        return {"mission": mission.code, "week": str(MONDAY), "classification": 1}

    def test_prepare_issue_and_fetch_the_pdf(self, mission, member, api):
        client = api(member(self.writer))
        made = client.post(self.url(), self.payload(mission)).json()
        assert made["documents"]["fr"]["language"] == "fr"
        issued = client.post(f"{self.url(made['id'])}issue/").json()
        assert issued["issued_at"]
        assert client.post(f"{self.url(made['id'])}issue/").status_code == 400
        assert client.patch(self.url(made["id"]), self.change).status_code == 400
        answer = client.get(f"{self.url(made['id'])}pdf/?language=fr")
        assert answer["Content-Type"] == "application/pdf"
        assert len(pages(answer.content)) == 2
        assert client.get(f"{self.url(made['id'])}pdf/?language=xx").status_code == 400


def test_a_brief_gives_its_reasons_in_its_own_language(mission):
    model = RiskModelFactory()
    place = CommunityFactory(mission=mission)
    RiskHistoryFactory(community=place, date=TODAY - 7 * DAY, probability=0.1, model=model)
    RiskScoreFactory(community=place, probability=0.4, model=model)
    facts = gather(mission, 0, MONDAY)
    reasons = {}
    for language in ("en", "fr"):
        with translation.override(language):
            explanation = facts.risen.rows[0].explanation
            reasons[language] = [part.label for part in explanation.parts]
    assert reasons["en"]
    assert reasons["fr"]
    assert not set(reasons["en"]) & set(reasons["fr"])


def test_a_gap_of_the_brief_names_its_area_however_long_its_title(mission):
    area = AdminAreaFactory(mission=mission, name="Haute-Kotto")
    made = draft_title(
        "crossfire", ["Government of Central African Republic", "Coalition of Patriots"], str(area)
    )
    threat = ThreatFactory(mission=mission, admin_area=area, phase="prevention", **made)
    AssessmentFactory(threat=threat)
    (found,) = {
        (row[0]["text"], row[0]["note"])
        for section in document(gather(mission, 0, MONDAY), "en", [], None)["sections"]
        if section["key"] == "gaps"
        for row in section["rows"]
    }
    assert found[0].startswith("Fighting between Government of Central African Republic")
    assert found[0].endswith("…")
    assert found[1] == "Haute-Kotto"
