"""Pages: who sees them, how many queries they take, what bad input says."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.models import Notification
from missions.choices import Role
from missions.models import User
from records.services import version_of
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
    IncidentFactory,
    InformantFactory,
    MeetingFactory,
    PostFactory,
    RiskScoreFactory,
    StrategyFactory,
    ThreatFactory,
)
from threats.models import Assessment, Incident, Informant, Threat

LISTS = (
    "threat-list", "community-list", "incident-list", "activity-list", "component-list", "mission-detail",
    "alert-list", "coverage", "incident-pairs", "score-quality", "activity-board",
    "activity-timeline", "brief-list", "strategy-list", "meeting-list", "presence", "search",
    "notifications", "catalogue",
)  # fmt: skip
REPORT = {
    "kind": "killing", "start_date": "2022-12-30", "date_precision": "day",
    "time_of_day": "unknown", "place_name": "", "latitude": "5.0", "longitude": "20.0",
    "place_precision": "exact", "source_kind": "patrol", "reliability": "B", "credibility": "2",
    "classification": "0", "notes": "Two traders were killed on the road.",
}  # fmt: skip


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
    for role in Role:
        client = signed_in(member(role, where=demo))
        for page in (*pages, reverse("about"), reverse("api-explorer")):
            assert client.get(page).status_code == 200, page


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
    assert (found.communities, found.incidents) == (385, 1848)
    text = signed_in(user).get(f"/{demo.code}/").content.decode()
    assert "385" in text
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


def test_lists_filter_sort_and_export(mission, member, signed_in):
    names = ["Zémio", "Alindao", "Éboko"]
    for name in names:
        CommunityFactory(mission=mission, name=name)
    client = signed_in(member())
    page = reverse("community-list", args=[mission.code])
    text = client.get(page + "?sort=name").content.decode()
    assert text.index("Alindao") < text.index("Éboko") < text.index("Zémio")
    assert "Zémio" in client.get(page + "?q=zemio").content.decode()
    assert "Alindao" not in client.get(page + "?q=zemio").content.decode()
    exported = b"".join(client.get(page + "?q=zemio&format=csv").streaming_content).decode()
    assert exported.count("\n") == 2


def test_formulas_in_an_export_are_harmless(mission, member, signed_in):
    CommunityFactory(mission=mission, name="=HYPERLINK(1)")
    client = signed_in(member())
    page = reverse("community-list", args=[mission.code]) + "?format=csv"
    assert "'=HYPERLINK" in b"".join(client.get(page).streaming_content).decode()


# -- forms --------------------------------------------------------------------------------------


def report_page(mission):
    return reverse("incident-report", args=[mission.code])


def test_a_report_is_filed_once_and_its_source_sealed(mission, member, signed_in):
    client = signed_in(member(Role.REPORTER))
    body = REPORT | {
        "submission": str(uuid.uuid4()), "perpetrator": "New band", "new_actor": "on",
        "informant_name": "Secret Person", "informant_contact": "+236 00",
    }  # fmt: skip
    for _again in range(2):
        answer = client.post(report_page(mission), body, follow=True)
        assert answer.status_code == 200
        assert "Secret Person" not in answer.content.decode()
    incident = Incident.objects.get(mission=mission)
    assert incident.against_civilians
    assert incident.deaths_best is None
    assert [str(part.actor) for part in incident.parts.all()] == ["New band"]
    assert Informant.objects.get(mission=mission).name == "Secret Person"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"latitude": "95"}, "less than or equal to 90"),
        ({"start_date": "2023-02-30"}, "valid date"),
        ({"start_date": "2023-01-02"}, "2022-12-31"),
        ({"deaths_best": "-1"}, "greater than or equal to 0"),
        ({"longitude": ""}, "neither"),
        ({"latitude": "", "longitude": ""}, "Name a community"),
        ({"latitude": "", "longitude": "", "place_name": "Kagga"}, "Did you mean Kaga"),
        ({"perpetrator": "Grup X"}, "Did you mean Group X"),
        ({"notes": "x" * 20_001}, "at most 20000"),
        ({"end_date": "2022-12-01"}, "before the start"),
    ],
)
def test_a_bad_report_keeps_what_was_typed(mission, member, signed_in, change, says):
    CommunityFactory(mission=mission, name="Kaga")
    ArmedActorFactory(mission=mission, name="Group X")
    client = signed_in(member(Role.REPORTER))
    answer = client.post(report_page(mission), REPORT | change)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert says in text
    assert "has-error" in text
    assert "Two traders were killed" in text or "notes" in change
    assert not Incident.objects.filter(mission=mission).exists()


def test_a_place_by_name_and_by_alias(mission, member, signed_in):
    CommunityFactory(mission=mission, name="Ndélé", aliases=["Dar al Kuti"], longitude=20.65,
                     latitude=8.41)  # fmt: skip
    client = signed_in(member(Role.REPORTER))
    for name in ("ndele", "Dar al Kuti"):
        client.post(
            report_page(mission), REPORT | {"latitude": "", "longitude": "", "place_name": name}
        )
    found = Incident.objects.filter(mission=mission)
    assert [(i.longitude, i.latitude) for i in found] == [(20.65, 8.41)] * 2


def test_two_places_of_one_name_ask_which(mission, member, signed_in):
    for longitude in (18.0, 22.0):
        CommunityFactory(mission=mission, name="Boyo", longitude=longitude)
    client = signed_in(member(Role.REPORTER))
    body = REPORT | {"latitude": "", "longitude": "", "place_name": "Boyo"}
    assert "Several places" in client.post(report_page(mission), body).content.decode()


def test_the_second_of_two_editors_sees_the_conflict(mission, member, signed_in):
    activity = ActivityFactory(mission=mission)
    page = reverse("activity-edit", args=[mission.code, activity.pk])
    body = {
        "title": "Mine", "tier": 2, "phase": "response", "status": "planned",
        "lead_component": activity.lead_component_id, "start": "2022-12-31", "due": "2023-01-30",
        "classification": 0, "version": version_of(activity),
    }  # fmt: skip
    first, second = (signed_in(member(Role.PLANNER)) for _n in range(2))
    assert first.post(page, body | {"title": "Theirs"}).status_code == 302
    answer = second.post(page, body)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in text
    assert 'value="Mine"' in text
    assert Activity.objects.get(pk=activity.pk).title == "Theirs"
    now = version_of(Activity.objects.get(pk=activity.pk))
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


def test_accept_assess_endorse(mission, member, signed_in):
    threat = ThreatFactory(mission=mission, status="proposed")
    analyst, adviser = signed_in(member(Role.ANALYST)), signed_in(member(Role.ADVISER))
    body = {
        "likelihood": 4, "impact": 5, "confidence": "high", "rationale": "r", "classification": 0,
    }  # fmt: skip
    page = reverse("threat-accept", args=[mission.code, threat.pk])
    assert signed_in(member(Role.REPORTER)).get(page).status_code == 403
    assert 'value="" selected' in analyst.get(page).content.decode()  # impact is not guessed
    threat.communities.add(CommunityFactory(mission=mission, population=30_000))
    assert '<option value="4" selected>4 · Severe' in analyst.get(page).content.decode()
    french = analyst.get(page, headers={"accept-language": "fr"}).content.decode()
    assert "4 · Grave" in french
    assert analyst.post(page, body | {"rationale": ""}).status_code == 422
    assert analyst.post(page, body).status_code == 302
    threat.refresh_from_db()
    assert threat.status == "active"
    assessment = Assessment.objects.get(threat=threat)
    decide = reverse("threat-decide", args=[mission.code, threat.pk])
    assert analyst.post(decide, {"endorse": assessment.pk}).status_code == 403
    adviser.post(decide, {"endorse": assessment.pk})
    assessment.refresh_from_db()
    assert assessment.endorsed_by is not None
    with pytest.raises(RuntimeError):
        assessment.save()


def test_withdrawing_needs_a_reason(mission, member, signed_in):
    incident = IncidentFactory(mission=mission)
    client = signed_in(member(Role.ANALYST))
    page = reverse("incident-withdraw", args=[mission.code, incident.pk])
    client.post(page, {"reason": ""})
    assert Incident.objects.current().filter(pk=incident.pk).exists()
    client.post(page, {"reason": "told twice"})
    assert not Incident.objects.current().filter(pk=incident.pk).exists()
    assert client.get(incident.get_absolute_url()).status_code == 404


def test_administration_shows_no_source(mission, member, signed_in):
    informant = InformantFactory(mission=mission)
    admin = member(Role.ADMIN)
    admin.is_staff = admin.is_superuser = True
    admin.save()
    client = signed_in(admin)
    text = client.get("/admin/threats/informant/").content.decode()
    assert informant.code not in text
    for model in ("incident", "threat", "community", "riskscore", "armedactor", "assessment"):
        assert client.get(f"/admin/threats/{model}/").status_code == 200
    assert client.get(f"/admin/threats/informant/{informant.pk}/change/").status_code == 302


def test_healthz(client, db):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_an_unknown_mission_or_list_is_not_found(member, signed_in):
    client = signed_in(member())
    assert client.get("/NOWHERE/threats/").status_code == 404


def test_a_form_page_reads_its_mission_once(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/{mission.code}/incidents/report/")
    assert answer.status_code == 200
    read = [query["sql"] for query in queries if f"\"code\" = '{mission.code}'" in query["sql"]]
    assert len(read) == 1, read
