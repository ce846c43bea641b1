"""The working group: agenda, decisions that become activities, and the handover."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation
from django.utils.formats import date_format

from missions.choices import Role
from strategies.models import Activity, CatalogueActivity, Decision, Meeting, StatusChange
from strategies.models.titles import typical_title
from strategies.reading.agenda import told
from strategies.services.activities import edit_activity
from strategies.services.meetings import call_meeting, carry_out, decide, edit_meeting
from tests.battery import ResourceBattery
from tests.factories import (
    TODAY,
    ActivityFactory,
    AlertFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    DecisionFactory,
    IncidentFactory,
    MeetingFactory,
    RiskHistoryFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.models import ThreatDecision
from threats.scoring.record import note_span
from threats.services.titles import draft_title

DAY = datetime.timedelta(days=1)


@pytest.fixture
def planner(member):
    return member(Role.PLANNER)


@pytest.fixture
def meeting(mission, planner):
    return call_meeting(
        user=planner, mission=mission, title="POC working group", day=TODAY, classification=1
    )


def test_the_agenda_is_what_stands_open_for_its_readers(mission, planner):
    for level in (1, 2):
        threat = ThreatFactory(
            mission=mission, phase="prevention", title=f"Threat {level}", classification=level
        )
        AssessmentFactory(threat=threat, classification=level)
        ActivityFactory(
            mission=mission, title=f"Late {level}", classification=level, start=TODAY - 9 * DAY,
            due=TODAY - DAY,
        )  # fmt: skip
        AlertFactory(mission=mission, classification=level, place_name=f"Alert place {level}")
        DecisionFactory(meeting__mission=mission, text=f"Decision {level}", classification=level)
    AlertFactory(mission=mission, decided_at="2022-12-31T00:00Z")
    DecisionFactory(meeting__mission=mission, done_on=TODAY)
    for name, before, after in (("Risen", 0.1, 0.3), ("Fallen", 0.3, 0.1)):
        RiskScoreFactory(
            community=CommunityFactory(mission=mission, name=name), clearance=1,
            week_before=before, probability=after,
        )  # fmt: skip
    found = call_meeting(
        user=planner, mission=mission, title="A", day=TODAY, classification=1
    ).agenda
    assert {row["title"] for row in found["gaps"]} == {"Threat 1"}
    assert len(found["gaps"]) == 3
    assert [row["title"] for row in found["overdue"]] == ["Late 1"]
    assert len(found["alerts"]) == 1
    assert [row["title"] for row in found["decisions"]] == ["Decision 1"]
    assert [row["title"] for row in found["risen"]] == ["Risen"]


def test_an_agenda_says_where_the_record_ends(mission, planner, signed_in):
    note_span(mission, "ucdp", TODAY - 900 * DAY, TODAY - 40 * DAY, 0)
    last = TODAY - 40 * DAY
    meeting = call_meeting(user=planner, mission=mission, title="A", day=TODAY, classification=0)
    assert meeting.agenda["record"] == [{"no_record_since": last.isoformat()}]
    page = signed_in(planner).get(meeting.get_absolute_url()).content.decode()
    assert f"No record since {date_format(last, 'DATE_FORMAT')}." in " ".join(page.split())
    IncidentFactory(mission=mission, start_date=TODAY, end_date=TODAY, classification=1)
    told = call_meeting(user=planner, mission=mission, title="B", day=TODAY, classification=1)
    assert told.agenda["record"] == []
    unclassified = call_meeting(
        user=planner, mission=mission, title="C", day=TODAY, classification=0
    )
    assert unclassified.agenda["record"] != []


def test_a_meeting_recorded_after_its_day_has_the_agenda_of_its_day(mission, planner, signed_in):
    held = TODAY - 20 * DAY
    threat = ThreatFactory(mission=mission, phase="prevention", title="Known then")
    AssessmentFactory(threat=threat)
    for title, day in (("Known then", held - DAY), ("Accepted since", held + DAY)):
        named = threat if title == "Known then" else ThreatFactory(mission=mission, title=title)
        ThreatDecision.objects.create(
            mission=mission, threat=named, status="active", phase="prevention", day=day,
            decided_by=planner,
        )  # fmt: skip
    for title, due in (("Late then", held - DAY), ("Late since", held + DAY)):
        planned = ActivityFactory(mission=mission, title=title, start=held - 9 * DAY, due=due)
        StatusChange.objects.create(
            activity=planned, status="planned", day=held - 8 * DAY, changed_by=planner
        )
    done = Activity.objects.get(title="Late then")
    edit_activity(done, user=planner, status="done", completed_on=held + 2 * DAY)
    moment = datetime.datetime.combine(held, datetime.time(9), mission.zone)
    for place, received, decided in (
        ("Decided since", moment, moment + 3 * DAY),
        ("Decided then", moment - DAY, moment - DAY),
        ("Received since", moment + 2 * DAY, None),
    ):
        AlertFactory(
            mission=mission, place_name=place, kind="attack", received_at=received,
            decided_at=decided,
        )  # fmt: skip
    for text, day, done_on in (
        ("Carried out since", held - 9 * DAY, held + DAY),
        ("Carried out then", held - 9 * DAY, held - DAY),
        ("Taken since", held + 9 * DAY, None),
    ):
        DecisionFactory(
            meeting__mission=mission, meeting__day=day, text=text, done_on=done_on,
            due=held - DAY,
        )  # fmt: skip
    place = CommunityFactory(mission=mission, name="Risen then")
    for day, probability in ((held - 7 * DAY, 0.1), (held, 0.3)):
        RiskHistoryFactory(community=place, clearance=0, date=day, probability=probability, band=4)
    RiskScoreFactory(community=place, clearance=0, probability=0.01, week_before=0.02, band=1)
    meeting = call_meeting(user=planner, mission=mission, title="A", day=held, classification=0)
    found = meeting.agenda
    assert {row["title"] for row in found["gaps"]} == {"Known then"}
    assert [row["title"] for row in found["overdue"]] == ["Late then"]
    assert [row["title"] for row in found["alerts"]] == ["Attack · Decided since"]
    assert [row["title"] for row in found["decisions"]] == ["Carried out since"]
    assert [row["title"] for row in found["uncovered"]] == ["Risen then"]
    (risen,) = found["risen"]
    assert (risen["title"], round(risen["change"], 6)) == ("Risen then", 0.2)
    assert found["judged"][0]["as_of"] == held.isoformat()
    page = " ".join(signed_in(planner).get(meeting.get_absolute_url()).content.decode().split())
    assert f"as things stood on {date_format(held, 'DATE_FORMAT')}" in page


def test_a_past_agenda_without_scores_of_its_day_says_so(mission, planner, signed_in):
    RiskScoreFactory(
        community=CommunityFactory(mission=mission), clearance=0, week_before=0.1, probability=0.4
    )
    meeting = call_meeting(
        user=planner, mission=mission, title="A", day=TODAY - 20 * DAY, classification=0
    )
    assert meeting.agenda["risen"] == meeting.agenda["uncovered"] == []
    page = signed_in(planner).get(meeting.get_absolute_url()).content.decode()
    assert page.count("No scores were kept for these days.") == 2


def test_an_agenda_says_what_it_leaves_out_and_which_decisions_are_overdue(
    mission, planner, signed_in
):
    for n in range(12):
        AlertFactory(mission=mission, received_at=mission.now - n * DAY)
        DecisionFactory(meeting__mission=mission, due=TODAY + (n - 1) * DAY)
    meeting = call_meeting(user=planner, mission=mission, title="A", day=TODAY, classification=0)
    (more,) = meeting.agenda["more"]
    assert (len(meeting.agenda["alerts"]), more["alerts"], more["decisions"]) == (10, 2, 2)
    assert [row["is_overdue"] for row in meeting.agenda["decisions"]] == [True] + [False] * 9
    page = " ".join(signed_in(planner).get(meeting.get_absolute_url()).content.decode().split())
    assert page.count("and 2 more") == 2
    assert f'<a href="/{mission.code}/alerts/?open=true">The list as it stands now</a>' in page
    assert page.count(">Overdue</span>") == 1


def test_a_meeting_is_offered_at_the_level_its_agenda_demands(mission, member, signed_in):
    url = f"/{mission.code}/meetings/call/"
    cleared = {level: member(Role.PLANNER, clearance=level) for level in (0, 1, 2)}

    def offered(level):
        return signed_in(cleared[level]).get(url).context["form"]["classification"].value()

    AlertFactory(mission=mission, classification=0)
    assert [offered(level) for level in (0, 1, 2)] == [0, 1, 1]
    secret = AlertFactory(mission=mission, classification=2)
    assert [offered(level) for level in (0, 1, 2)] == [0, 1, 2]
    type(secret).objects.filter(pk=secret.pk).update(decided_at=mission.now)
    assert offered(2) == 1


def test_what_is_left_out_of_an_agenda_is_counted_for_its_readers_alone(mission, planner):
    for n in range(12):
        AlertFactory(mission=mission, received_at=mission.now - n * DAY, classification=2)
    meeting = call_meeting(user=planner, mission=mission, title="A", day=TODAY, classification=1)
    assert meeting.agenda["more"][0]["alerts"] == 0


def test_the_agenda_stays_as_it_was_called(mission, meeting, planner):
    before = meeting.agenda
    ActivityFactory(mission=mission, start=TODAY - 9 * DAY, due=TODAY - DAY)
    edited = edit_meeting(meeting, user=planner, notes="Much was said.")
    assert edited.agenda == before
    with pytest.raises(ValidationError, match="it stays"):
        edit_meeting(meeting, user=planner, classification=0)


def test_a_decision_is_as_secret_as_its_meeting_and_done_once(mission, meeting, planner, member):
    owner = ComponentFactory(mission=mission)
    made = decide(user=planner, meeting=meeting, text="A base.", owner=owner, due=TODAY)
    assert made.classification == meeting.classification
    with pytest.raises(PermissionDenied):
        carry_out(made, user=member(Role.ANALYST))
    done = carry_out(made, user=planner)
    assert done.done_on == TODAY
    with pytest.raises(ValidationError, match="already"):
        carry_out(made, user=planner)


def test_from_agenda_to_decision_to_activity(mission, planner, signed_in):
    client = signed_in(planner)
    client.post(
        f"/{mission.code}/meetings/call/", {"title": "WG", "day": "2022-12-31", "classification": 1}
    )
    meeting = Meeting.objects.get(mission=mission)
    owner = ComponentFactory(mission=mission)
    client.post(
        f"{meeting.get_absolute_url()}decision/",
        {"text": "Open a temporary base.", "owner": owner.pk, "due": "2023-01-10"},
    )
    decision = Decision.objects.get(meeting=meeting)
    url = f"/{mission.code}/activities/plan/?decision={decision.pk}"
    form = client.get(url).content.decode()
    assert 'value="Open a temporary base."' in form
    client.post(url, {
        "title": "Open a temporary base", "tier": 2, "phase": "preemption", "status": "planned",
        "lead_component": owner.pk, "start": "2022-12-31", "due": "2023-01-10",
        "classification": 1,
    })  # fmt: skip
    activity = Activity.objects.get(mission=mission)
    decision.refresh_from_db()
    assert (decision.activity, decision.done_on) == (activity, TODAY)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "became an activity" in page


def test_the_handover_lists_what_stands_open(mission, planner, member, signed_in):
    component = ComponentFactory(mission=mission)
    threat = ThreatFactory(mission=mission, title="Raids on the road")
    for level, title in ((0, "An open patrol"), (2, "A secret patrol")):
        made = ActivityFactory(
            mission=mission, lead_component=component, title=title, classification=level,
            blockers="No fuel.",
        )  # fmt: skip
        made.threats.add(threat)
    AlertFactory(mission=mission, decision="respond", responding_component=component)
    DecisionFactory(meeting__mission=mission, owner=component, text="Mend the bridge")
    url = f"/{mission.code}/components/{component.pk}/handover/"
    page = signed_in(member(clearance=1)).get(url).content.decode()
    for expected in ("An open patrol", "No fuel.", "Raids on the road", "Mend the bridge"):
        assert expected in page
    assert "A secret patrol" not in page


class TestMeetings(ResourceBattery):
    resource, factory, writer, refused = "meetings", MeetingFactory, Role.PLANNER, Role.ANALYST
    change = {"notes": "Said."}

    def payload(self, mission):
        return {"mission": mission.code, "title": "WG", "day": "2022-12-31"}


class TestDecisions(ResourceBattery):
    resource, writer, refused, change = "decisions", Role.PLANNER, Role.VIEWER, {"text": "Other."}

    def make(self, mission, **values):
        return DecisionFactory(meeting__mission=mission, **values)

    def payload(self, mission):
        return {
            "meeting": MeetingFactory(mission=mission).pk, "text": "A decision",
            "owner": ComponentFactory(mission=mission).pk, "due": "2023-01-10",
        }  # fmt: skip


def test_an_agenda_that_was_kept_is_read_in_the_readers_language(mission, planner, api):
    threat = ThreatFactory(
        mission=mission, phase="prevention", **draft_title("attacks", ["FPRC"], "Ouaka")
    )
    AssessmentFactory(threat=threat)
    entry = CatalogueActivity.objects.first()
    lead = ComponentFactory(mission=mission, kind="human_rights", name="Human rights")
    dates = {"start": TODAY - 9 * DAY, "due": TODAY - DAY}
    ActivityFactory(mission=mission, lead_component=lead, **typical_title(entry), **dates)
    AlertFactory(mission=mission, kind="attack", place_name="Bria")
    with translation.override("fr"):
        meeting = call_meeting(user=planner, mission=mission, title="A", day=TODAY)
    address = f"/api/v1/meetings/{meeting.pk}/"
    english = api(planner).get(address).json()["agenda"]
    french = api(planner).get(address, headers={"Accept-Language": "fr"}).json()["agenda"]
    assert {row["title"] for row in english["gaps"]} == {
        "FPRC: reported violence against civilians in Ouaka"
    }
    assert "violences signalées" in french["gaps"][0]["title"]
    assert english["overdue"][0]["title"] == entry.titles["en"]
    assert french["overdue"][0]["title"] == entry.titles["fr"]
    assert english["overdue"][0]["component"] == "Human rights"
    assert french["overdue"][0]["component"] == "Droits de l’homme"
    assert english["alerts"][0]["title"] == "Attack · Bria"
    assert french["alerts"][0]["title"] == "Attaque · Bria"
    assert "title_made_of" not in english["gaps"][0]


def test_an_agenda_kept_as_words_is_read_as_it_is():
    row = {"title": "Late", "component": "Human rights", "due": "2022-12-30", "path": "/"}
    with translation.override("fr"):
        assert told({"overdue": [row]}) == {"overdue": [row]}


def test_the_demonstrations_meetings_have_the_agenda_of_their_day(demo):
    earlier, later = Meeting.objects.filter(mission=demo).order_by("day")
    for meeting in (earlier, later):
        (judged,) = meeting.agenda["judged"]
        assert meeting.classification == 1  # as the alerts are that its agenda lists
        assert judged["as_of"] == meeting.day.isoformat()
        assert judged["scored"] > 0
        assert judged["compared"] > 0
        assert all(row["due"] <= judged["as_of"] for row in meeting.agenda["overdue"])
    assert earlier.agenda["decisions"] == []
    known = set(earlier.decisions.values_list("text", flat=True))
    listed = {row["title"]: row["is_overdue"] for row in later.agenda["decisions"]}
    assert set(listed) == known
    assert sorted(listed.values()) == [False, True]
    assert earlier.agenda["overdue"] != later.agenda["overdue"]
    assert earlier.agenda["risen"] != later.agenda["risen"]
