"""Pages of strategies, and of the whole house with one of everything in it."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.models import Notification
from missions.choices import Role
from missions.models import User
from missions.need_to_know import EVERY
from records.versions import version_of
from strategies.models import Activity, Brief, Strategy
from strategies.models.brief import WEEK
from strategies.reading.overview import overview
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    DecisionFactory,
    IncidentActorFactory,
    IndicatorFactory,
    MeasurementFactory,
    MeetingFactory,
    PostFactory,
    RiskScoreFactory,
    StrategyFactory,
    ThreatFactory,
)
from tests.inference.addresses import routes
from tests.pages import AddPage, EditPage, ListPage, RecordPage
from tests.proof import some
from threats.models import Threat

LISTS = (
    "threat-list", "community-list", "incident-list", "activity-list", "component-list", "mission-detail",
    "alert-list", "coverage", "incident-pairs", "score-quality", "activity-board",
    "activity-timeline", "brief-list", "strategy-list", "meeting-list", "presence", "search",
    "notifications", "catalogue",
)  # fmt: skip


class TestActivities(ListPage, RecordPage, AddPage, EditPage):
    factory, list_name = ActivityFactory, "activity-list"
    writer, refused = Role.PLANNER, Role.ANALYST
    add_name, edit_name, change = "activity-add", "activity-edit", {"title": "Another title"}

    def body(self, mission):
        return {
            "title": "Patrol", "tier": 3, "phase": "preemption", "status": "planned",
            "lead_component": ComponentFactory(mission=mission).pk, "start": "2022-12-31",
            "due": "2023-01-02", "classification": 0,
            "threats": [ThreatFactory(mission=mission).pk],
        }  # fmt: skip

    def grow(self, mission):
        self.around(self.make(mission))

    def around(self, record):
        record.threats.add(ThreatFactory(mission=record.mission))
        record.communities.add(CommunityFactory(mission=record.mission))
        record.supporting_components.add(ComponentFactory(mission=record.mission))


class TestBoard(ListPage):
    factory, list_name = ActivityFactory, "activity-board"


class TestTimeline(ListPage):
    factory, list_name = ActivityFactory, "activity-timeline"


class TestStrategies(ListPage, RecordPage, AddPage, EditPage):
    factory, list_name = StrategyFactory, "strategy-list"
    writer, refused = Role.PLANNER, Role.ANALYST
    add_name, edit_name, change = "strategy-add", "strategy-edit", {"title": "Another title"}

    def body(self, mission):
        return {
            "title": "A strategy", "start": "2023-01-01", "end": "2024-01-01", "classification": 0,
        }  # fmt: skip

    def around(self, record):
        indicator = IndicatorFactory(objective__strategy=record)
        MeasurementFactory(indicator=indicator)


class TestMeetings(ListPage, RecordPage, AddPage, EditPage):
    factory, list_name = MeetingFactory, "meeting-list"
    writer, refused = Role.PLANNER, Role.ANALYST
    add_name, edit_name, change = "meeting-add", "meeting-edit", {"title": "Another title"}

    def body(self, mission):
        return {"title": "POC working group", "day": "2022-12-31", "classification": 0}

    def around(self, record):
        DecisionFactory(meeting=record)


def fill(mission):
    """One more of everything."""
    threat = ThreatFactory(mission=mission)
    AssessmentFactory(threat=threat)
    community = CommunityFactory(mission=mission)
    threat.communities.add(community)
    threat.perpetrators.add(ArmedActorFactory(mission=mission))
    part = IncidentActorFactory(incident__mission=mission)
    threat.incidents.add(part.incident)
    activity = ActivityFactory(mission=mission)
    activity.threats.add(threat)
    AlertFactory(mission=mission)
    PostFactory(mission=mission)
    RiskScoreFactory(community=community, band=5, clearance=2)
    StrategyFactory(mission=mission)
    MeetingFactory(mission=mission)
    weeks = Brief.objects.filter(mission=mission).count()
    Brief.objects.create(mission=mission, week=datetime.date(2022, 12, 26) - weeks * WEEK)
    for user in User.objects.filter(memberships__mission=mission):
        Notification.objects.create(mission=mission, member=user, kind="alert", path="/")


def test_the_workspace_and_the_brief_take_a_fixed_number_of_queries(mission, member, signed_in):
    client = signed_in(member(Role.ADVISER))
    component = ComponentFactory(mission=mission)
    brief = Brief.objects.create(mission=mission, week=datetime.date(2020, 1, 6))
    pages = [component.get_absolute_url(), f"{component.get_absolute_url()}handover/",
             brief.get_absolute_url()]  # fmt: skip
    counts = []
    for _n in range(3):
        for _k in range(2):
            fill(mission)
            made = ActivityFactory(mission=mission, lead_component=component)
            made.threats.add(ThreatFactory(mission=mission))
            ActivityFactory(mission=mission).supporting_components.add(component)
            AlertFactory(mission=mission, decision="respond", responding_component=component)
            PostFactory(mission=mission, component=component)
            DecisionFactory(meeting__mission=mission, owner=component)
        with CaptureQueriesContext(connection) as found:
            for page in pages:
                assert client.get(page).status_code == 200
        counts.append(len(found))
    assert counts[1] == counts[2], counts


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["", "?format=csv", "?q=a"])
def test_queries_do_not_grow_with_the_rows(mission, member, signed_in, name, query):
    client = signed_in(member(Role.ADVISER))
    counts = []
    for _n in range(3):
        fill(mission)
        fill(mission)
        with CaptureQueriesContext(connection) as found:
            answer = client.get(reverse(name, args=[mission.code]) + query)
            assert answer.status_code == 200
            if answer.streaming:
                b"".join(answer.streaming_content)
        counts.append(len(found))
    assert counts[1] == counts[2], counts


@pytest.mark.prove
def test_every_page_opens_for_every_role(demo, member, signed_in):
    threat = Threat.objects.filter(mission=demo, status="active").first()
    community = threat.communities.first()
    incident = threat.incidents.first()
    activity = threat.activities.first()
    pages = [reverse(name, args=[demo.code]) for name in LISTS]
    pages += [
        record.get_absolute_url()
        for record in (
            threat, community, incident, activity, activity.lead_component,
            Brief.objects.get(mission=demo), Strategy.objects.get(mission=demo),
            MeetingFactory(mission=demo),
        )
    ]  # fmt: skip
    pages.append(f"{activity.lead_component.get_absolute_url()}handover/")
    pages.append(f"{reverse('coverage', args=[demo.code])}?since=2022-12-01&by=component")
    clients = [signed_in(member(role, where=demo)) for role in Role]
    for turn, page in enumerate((*pages, reverse("about"), reverse("api-explorer"))):
        for client in some(clients, 2, turn):
            assert client.get(page).status_code == 200, page


def test_every_form_opens_for_who_holds_all_compartments(demo, member, signed_in):
    client = signed_in(member(Role.ADMIN, where=demo, compartments=sorted(EVERY)))
    codes = re.compile(r"<str:code>/[\w-]+/(?:add|report|prepare|plan)/")
    pages = [route for route in routes() if codes.fullmatch(route)]
    assert len(pages) >= 8
    for route in pages:
        answer = client.get("/" + route.replace("<str:code>", demo.code))
        assert answer.status_code == 200, route


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_keep_the_strict_policy(demo, member, signed_in, language):
    client = signed_in(member(Role.ADVISER, where=demo))
    answer = client.get(f"/{demo.code}/", headers={"accept-language": language})
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    text = answer.content.decode()
    assert " style=" not in text
    assert "<script>" not in text
    assert answer["Cache-Control"] == "private, no-store"


def test_the_overview_counts_the_demo(demo, member, signed_in):
    user = member(where=demo)
    found = overview(demo, user)["figures"]
    assert (found.communities, found.incidents) == (393, 1848)
    text = signed_in(user).get(f"/{demo.code}/").content.decode()
    assert "393" in text
    assert "1,848" in text


def test_strangers_and_the_uncleared(mission, member, signed_in, client):
    threat = ThreatFactory(mission=mission, classification=2)
    page = threat.get_absolute_url()
    assert client.get(page).status_code == 302
    assert signed_in(member(clearance=1)).get(page).status_code == 404
    assert signed_in(member(where=ThreatFactory().mission)).get(page).status_code == 404
    assert signed_in(member(clearance=2)).get(page).status_code == 200
    listed = signed_in(member(clearance=1)).get(reverse("threat-list", args=[mission.code]))
    assert threat.title not in listed.content.decode()


# -- forms --------------------------------------------------------------------------------------


def test_the_second_of_two_editors_sees_the_conflict(mission, member, signed_in):
    activity = ActivityFactory(mission=mission)
    page = reverse("activity-edit", args=[mission.code, activity.pk])
    editor = member(Role.PLANNER)
    body = {
        "title": "Mine", "tier": 2, "phase": "response", "status": "planned",
        "lead_component": activity.lead_component_id, "start": "2022-12-31", "due": "2023-01-30",
        "classification": 0, "version": version_of(activity, editor),
    }  # fmt: skip
    first, second = (signed_in(member(Role.PLANNER)) for _n in range(2))
    assert first.post(page, body | {"title": "Theirs"}).status_code == 302
    answer = second.post(page, body)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in text
    assert 'value="Mine"' in text
    assert Activity.objects.get(pk=activity.pk).title == "Theirs"
    now = version_of(Activity.objects.get(pk=activity.pk), editor)
    assert now in text  # saving again puts the second text in place
    assert second.post(page, body | {"version": now}).status_code == 302
    assert Activity.objects.get(pk=activity.pk).title == "Mine"


def test_an_activity_from_a_cell(mission, member, signed_in):
    threat = ThreatFactory(mission=mission)
    component = ComponentFactory(mission=mission)
    client = signed_in(member(Role.PLANNER))
    page = reverse("activity-add", args=[mission.code])
    text = client.get(f"{page}?tier=3&phase=preemption&threat={threat.pk}").content.decode()
    assert '<option value="preemption" selected>' in text
    assert '<option value="3" selected>' in text
    body = {
        "title": "Patrol", "tier": 3, "phase": "preemption", "status": "planned",
        "lead_component": component.pk, "start": "2022-12-31", "due": "2022-12-01",
        "classification": 0, "threats": [threat.pk], "communities": "Nowhere",
    }  # fmt: skip
    text = client.post(page, body).content.decode()
    assert "No community is called" in text
    text = client.post(page, body | {"communities": ""}).content.decode()
    assert "before the start" in text
    assert client.post(page, body | {"communities": "", "due": "2023-01-02"}).status_code == 302
    assert Activity.objects.get(mission=mission).threats.get() == threat
