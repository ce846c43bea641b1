"""Pages of threats: lists, records and forms, and what a bad report says."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from missions.choices import Role
from tests.factories import (
    AlertFactory,
    ArmedActorFactory,
    AssessmentFactory,
    CommunityFactory,
    ComponentFactory,
    IncidentActorFactory,
    IncidentFactory,
    IncidentSourceFactory,
    PostFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from tests.pages import (
    AddPage,
    EditPage,
    ListPage,
    RecordPage,
    is_closed_to_strangers,
    takes_as_many_queries,
)
from threats.models import Assessment, Incident, Informant

REPORT = {
    "kind": "killing", "start_date": "2022-12-30", "date_precision": "day",
    "time_of_day": "unknown", "place_name": "", "latitude": "5.0", "longitude": "20.0",
    "place_precision": "exact", "source_kind": "patrol", "reliability": "B", "credibility": "2",
    "classification": "0", "notes": "Two traders were killed on the road.",
}  # fmt: skip


class TestCommunities(ListPage, RecordPage, AddPage, EditPage):
    factory, title, list_name = CommunityFactory, "name", "community-list"
    add_name, edit_name, required = "community-add", "community-edit", "name"
    writer, refused = Role.ANALYST, Role.REPORTER
    change = {"name": "Another name"}

    def body(self, mission):
        return {
            "name": "Ndah", "aliases": "Nda\nNdaa", "kind": "village", "latitude": "6.12",
            "longitude": "22.41", "population": "1200", "access": "limited", "classification": "0",
        }  # fmt: skip

    def grow(self, mission):
        RiskScoreFactory(community=self.make(mission), band=5, clearance=2)
        PostFactory(mission=mission)

    def around(self, record):
        threat = ThreatFactory(mission=record.mission)
        threat.communities.add(record)
        IncidentFactory(
            mission=record.mission, longitude=record.longitude, latitude=record.latitude
        )


class TestActors(ListPage, RecordPage, AddPage, EditPage):
    factory, title, list_name = ArmedActorFactory, "name", "actor-list"
    add_name, edit_name, required = "actor-add", "actor-edit", "name"
    writer, refused = Role.ANALYST, Role.VIEWER
    change = {"name": "Another name"}

    def make(self, mission, **values):
        actor = ArmedActorFactory(mission=mission, **values)
        actor.name = f"Actor {actor.pk} of the mission"
        actor.save()
        return actor

    def body(self, mission):
        return {"name": "Self-defence of Ippy", "kind": "self_defence_group", "classification": "0"}

    def around(self, record):
        IncidentActorFactory(actor=record, incident=IncidentFactory(mission=record.mission))
        member = ArmedActorFactory(mission=record.mission)
        record.members.add(member)


class TestIncidents(ListPage, RecordPage, AddPage, EditPage):
    factory, title, list_name = IncidentFactory, "place_name", "incident-list"
    add_name, edit_name, required = "incident-report", "incident-edit", "start_date"
    change = {"notes": "Another account."}

    def make(self, mission, **values):
        incident = IncidentFactory(mission=mission, **values)
        incident.place_name = f"Place {incident.pk} of the incident"
        incident.save()
        return incident

    def body(self, mission):
        return REPORT

    def around(self, record):
        IncidentActorFactory(incident=record)
        IncidentSourceFactory(incident=record)


class TestAlerts(ListPage, RecordPage, AddPage, EditPage):
    factory, title, list_name = AlertFactory, "place_name", "alert-list"
    add_name, edit_name, required = "alert-report", "alert-edit", "details"
    change = {"details": "More armed men."}

    def make(self, mission, **values):
        alert = AlertFactory(mission=mission, **values)
        alert.place_name = f"Place {alert.pk} of the alert"
        alert.save()
        return alert

    def body(self, mission):
        return {
            "imminence": "imminent", "kind": "attack", "details": "Armed men.", "latitude": "5",
            "longitude": "20", "place_precision": "exact", "source_kind": "community",
            "reliability": "B", "credibility": "2", "classification": "0",
        }  # fmt: skip


class TestThreats(ListPage, RecordPage, AddPage, EditPage):
    factory, list_name = ThreatFactory, "threat-list"
    add_name, edit_name, change = "threat-report", "threat-edit", {"title": "Another title"}

    def body(self, mission):
        return {
            "title": "Attacks on the road", "kind": "attacks", "phase": "prevention",
            "classification": "0",
        }  # fmt: skip

    def grow(self, mission):
        self.around(self.make(mission))

    def around(self, record):
        AssessmentFactory(threat=record)
        record.communities.add(CommunityFactory(mission=record.mission))
        record.perpetrators.add(ArmedActorFactory(mission=record.mission))
        record.incidents.add(IncidentActorFactory(incident__mission=record.mission).incident)


class TestPosts(ListPage, AddPage, EditPage):
    factory, title, list_name = PostFactory, "name", "presence"
    writer, refused = Role.PLANNER, Role.ANALYST
    add_name, edit_name, required = "base-add", "base-edit", "name"
    change = {"name": "Another name"}

    def body(self, mission):
        return {
            "name": "Camp", "kind": "company", "component": ComponentFactory(mission=mission).pk,
            "strength": "platoon", "since": "2022-12-31", "latitude": "5", "longitude": "20",
            "classification": 0,
        }  # fmt: skip


@pytest.mark.parametrize("name", ["incident-pairs", "score-quality"])
def test_other_pages_open_for_every_role_with_as_many_queries(mission, member, signed_in, name):
    page = reverse(name, args=[mission.code])
    for role in Role:
        assert signed_in(member(role)).get(page).status_code == 200
    is_closed_to_strangers(page, member, signed_in)
    takes_as_many_queries(
        signed_in(member(Role.ADVISER)), page, lambda: IncidentFactory(mission=mission)
    )


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


def report_page(mission):
    return reverse("incident-report", args=[mission.code])


def test_a_report_is_filed_once_and_its_source_sealed(mission, member, signed_in):
    client = signed_in(member(Role.REPORTER, clearance=1))
    body = REPORT | {
        "submission": str(uuid.uuid4()), "perpetrator": "New band", "new_actor": "on",
        "classification": 1,  # as it must be that names an informant
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


def test_accept_assess_endorse(mission, member, signed_in):
    threat = ThreatFactory(mission=mission, status="proposed")
    analyst, adviser = signed_in(member(Role.ANALYST)), signed_in(member(Role.ADVISER))
    body = {
        "likelihood": 4, "impact": 5, "confidence": "high", "rationale": "r", "classification": 0,
    }  # fmt: skip
    page = reverse("threat-accept", args=[mission.code, threat.pk])
    assert signed_in(member(Role.REPORTER)).get(page).status_code == 403
    assert 'value="" selected' in analyst.get(page).content.decode()  # impact is not guessed
    threat.communities.add(CommunityFactory(mission=mission, population=900_000))
    assert 'value="" selected' in analyst.get(page).content.decode()  # size is no severity
    threat.incidents.add(
        IncidentFactory(mission=mission, against_civilians=True, civilian_deaths=5)
    )
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


def test_a_form_page_reads_its_mission_once(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/{mission.code}/incidents/report/")
    assert answer.status_code == 200
    read = [query["sql"] for query in queries if f"\"code\" = '{mission.code}'" in query["sql"]]
    assert len(read) == 1, read


def test_an_incident_names_the_communities_it_endangers_to_who_may_see_them(
    mission, member, signed_in
):
    incident = IncidentFactory(mission=mission, longitude=20.0, latitude=5.0)
    for name, longitude, level in (
        ("Eleven away", 20.1, 0), ("At the place", 20.0, 0), ("Far away", 20.4, 0),
        ("Hidden here", 20.01, 2),
    ):  # fmt: skip
        CommunityFactory(
            mission=mission, name=name, longitude=longitude, latitude=5.0, classification=level
        )
    page = signed_in(member(clearance=1)).get(incident.get_absolute_url())
    assert [str(place) for place, _km in page.context["communities"]] == [
        "At the place", "Eleven away",
    ]  # fmt: skip
    shown = page.content.decode()
    assert all(place.get_absolute_url() in shown for place, _km in page.context["communities"])
    assert "Far away" not in shown
    assert "Hidden here" not in shown


def test_an_incident_known_to_its_district_endangers_no_named_community(mission, member, signed_in):
    incident = IncidentFactory(
        mission=mission, longitude=20.0, latitude=5.0, place_precision="district"
    )
    CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    page = signed_in(member()).get(incident.get_absolute_url())
    assert page.context["communities"] == []
