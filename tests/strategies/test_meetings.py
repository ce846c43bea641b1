"""The working group: agenda, decisions that become activities, and the handover."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation
from django.utils.formats import date_format

from missions.choices import Role
from strategies.models import Activity, CatalogueActivity, Decision, Meeting
from strategies.models.titles import typical_title
from strategies.reading.agenda import told
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
    RiskScoreFactory,
    ThreatFactory,
)
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
