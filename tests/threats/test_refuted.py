"""What is disproved or found false supports no threat, and no danger is imminent by it."""

import datetime

import pytest

from missions.choices import Role
from strategies.brief.facts import gather
from strategies.coverage.mission import Coverage
from strategies.coverage.places import uncovered
from strategies.reading import overview
from strategies.reading.agenda import agenda
from tests.factories import (
    AdminAreaFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    ComponentFactory,
    IncidentActorFactory,
    IncidentFactory,
    ThreatFactory,
)
from threats.alerts.figures import alert_figures
from threats.choices import ActorKind, Phase, ThreatKind
from threats.models import Alert
from threats.scoring.linked import supporting
from threats.scoring.suggestions import suggest, suggestions_for
from threats.services.attribution import set_standard
from threats.services.proposals import propose_threats
from threats.services.threats import accept_threat

CUT = [0.02, 0.05, 0.15, 0.40]
DAY = datetime.timedelta(days=1)


@pytest.fixture
def place(mission):
    return AdminAreaFactory(mission=mission, name="Ouham")


@pytest.fixture
def band(mission):
    return ArmedActorFactory(mission=mission, name="3R", kind=ActorKind.NON_STATE_ARMED_GROUP)


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


def told(mission, user, threat) -> dict:
    return suggestions_for(mission, user, [threat])[threat.pk].figures


# -- Disproved ------------------------------------------------------------------------------------


def test_a_draft_accepted_and_then_disproved_suggests_nothing(mission, place, band, analyst):
    incident = IncidentFactory(mission=mission, admin_area=place)
    link = IncidentActorFactory(incident=incident, actor=band)
    (draft,) = propose_threats(mission)
    threat = accept_threat(
        user=analyst, threat=draft, likelihood=4, impact=3, rationale="As suggested."
    )
    assert told(mission, analyst, threat)["incidents"] == 1
    set_standard(user=analyst, link=link, standard="disproved")
    suggestion = suggestions_for(mission, analyst, [threat])[threat.pk]
    assert (suggestion.figures["incidents"], suggestion.figures["other_violence"]) == (0, 0)
    assert (suggestion.phase, suggestion.likelihood) == (Phase.PREVENTION, 1)
    assert list(supporting(threat, analyst)) == []
    assert list(threat.incidents.all()) == [incident]  # the link itself stays
    set_standard(user=analyst, link=link, standard="verified")
    assert told(mission, analyst, threat)["incidents"] == 1


def test_only_where_all_that_was_said_of_its_actors_is_disproved_an_incident_is_left_out(
    mission, place, band, analyst
):
    other = ArmedActorFactory(mission=mission, name="UPC")
    threat = ThreatFactory(mission=mission, admin_area=place)
    threat.perpetrators.set([band, other])
    incident = IncidentFactory(mission=mission, admin_area=place)
    threat.incidents.set([incident])
    assert told(mission, analyst, threat)["incidents"] == 1  # linked by a person, no actor named
    IncidentActorFactory(incident=incident, actor=band, standard="disproved")
    assert told(mission, analyst, threat)["incidents"] == 0
    IncidentActorFactory(incident=incident, actor=ArmedActorFactory(mission=mission))
    assert told(mission, analyst, threat)["incidents"] == 0  # somebody else did it
    IncidentActorFactory(incident=incident, actor=other)
    assert told(mission, analyst, threat)["incidents"] == 1


def test_who_was_disproved_to_have_done_it_and_only_fought_is_blamed_for_no_harm(
    mission, place, band, analyst
):
    threat = ThreatFactory(mission=mission, admin_area=place)
    threat.perpetrators.set([band])
    incident = IncidentFactory(mission=mission, admin_area=place, kind="clash", civilian_deaths=2)
    threat.incidents.set([incident])
    IncidentActorFactory(incident=incident, actor=band, standard="disproved")
    IncidentActorFactory(incident=incident, actor=band, part="party")
    figures = told(mission, analyst, threat)
    assert (figures["incidents"], figures["other_violence"]) == (0, 1)


def test_fighting_whose_sides_are_disproved_is_none_of_theirs(mission, place, band, analyst):
    threat = ThreatFactory(mission=mission, admin_area=place, kind=ThreatKind.CROSSFIRE)
    other = ArmedActorFactory(mission=mission, name="UPC")
    threat.parties.set([band, other])
    incident = IncidentFactory(mission=mission, admin_area=place, kind="clash", civilian_deaths=2)
    links = [
        IncidentActorFactory(incident=incident, actor=actor, part="party")
        for actor in (band, other)
    ]
    threat.incidents.set([incident])
    assert told(mission, analyst, threat)["incidents"] == 1
    for link in links:
        set_standard(user=analyst, link=link, standard="disproved")
    assert told(mission, analyst, threat)["incidents"] == 0


def test_what_an_actor_the_reader_may_not_see_is_cleared_of_tells_the_reader_nothing(
    mission, place, member
):
    hidden = ArmedActorFactory(mission=mission, classification=2)
    threat = ThreatFactory(mission=mission, admin_area=place)
    threat.perpetrators.set([hidden])
    incident = IncidentFactory(mission=mission, admin_area=place)
    threat.incidents.set([incident])
    link = IncidentActorFactory(incident=incident, actor=hidden)
    low, high = member(clearance=0), member(clearance=2)
    before = told(mission, low, threat)
    type(link).objects.filter(pk=link.pk).update(standard="disproved")
    assert told(mission, low, threat) == before
    assert told(mission, high, threat)["incidents"] == 0


def test_the_page_counts_the_evidence_that_stands_and_says_what_it_leaves_out(
    mission, place, band, analyst, signed_in
):
    threat = ThreatFactory(mission=mission, admin_area=place)
    threat.perpetrators.set([band])
    refuted, standing = (
        IncidentFactory(mission=mission, admin_area=place, place_name=name)
        for name in ("Kambakota", "Nangha")
    )
    IncidentActorFactory(incident=refuted, actor=band, standard="disproved")
    threat.incidents.set([refuted])
    page = signed_in(analyst).get(threat.get_absolute_url()).content.decode()
    assert "No incident supports this threat." in page
    threat.incidents.add(standing)
    page = signed_in(analyst).get(threat.get_absolute_url()).content.decode()
    assert "1 supporting incident\n" in page
    assert "1 linked incident is left out" in page
    assert "Nangha" in page
    assert "Kambakota" not in page


# -- Found false ----------------------------------------------------------------------------------


@pytest.fixture
def harmed(mission, place, band):
    threat = ThreatFactory(mission=mission, admin_area=place, phase=Phase.RESPONSE)
    threat.perpetrators.set([band])
    for _each in range(6):
        IncidentActorFactory(
            incident=IncidentFactory(mission=mission, admin_area=place), actor=band
        )
    return threat


@pytest.mark.parametrize(
    ("verification", "is_imminent"),
    [("", True), ("confirmed", True), ("partly", True), ("unconfirmed", True), ("false", False)],
)
def test_no_danger_is_imminent_by_an_alert_found_false(
    mission, analyst, harmed, verification, is_imminent
):
    alert = AlertFactory(mission=mission, imminence="imminent", verification=verification)
    alert.threats.set([harmed])
    suggestion = suggestions_for(mission, analyst, [harmed])[harmed.pk]
    assert suggestion.likelihood == (5 if is_imminent else 4)
    assert suggestion.figures.get("imminent_alerts", 0) == int(is_imminent)
    assert Alert.objects.filter(mission=mission).imminent().count() == int(is_imminent)
    figures = alert_figures(mission, analyst)
    assert (figures.open, figures.open_imminent) == (1, int(is_imminent))
    shown = overview.figures(
        mission, analyst, Coverage(mission, analyst), [], uncovered(mission, analyst)
    )
    assert (shown.alerts_open, shown.alerts_imminent) == (1, int(is_imminent))
    listed = agenda(mission, 0)["alerts"]
    assert len(listed) == int(is_imminent)


@pytest.mark.parametrize(("verification", "is_imminent"), [("unconfirmed", True), ("false", False)])
def test_an_alert_found_false_is_called_imminent_on_no_page(
    mission, analyst, signed_in, verification, is_imminent
):
    place = CommunityFactory(mission=mission)
    component = ComponentFactory(mission=mission)
    alert = AlertFactory(
        mission=mission, imminence="imminent", verification=verification, decision="respond",
        decided_at=mission.now, responding_component=component,
    )  # fmt: skip
    alert.communities.set([place])
    client = signed_in(analyst)
    for address in (
        alert.get_absolute_url(), f"/{mission.code}/alerts/?open=true", place.get_absolute_url(),
        component.get_absolute_url(),
    ):  # fmt: skip
        page = client.get(address).content.decode()
        main = page[page.index("<main") :]
        table = main[main.rindex("<tbody") :] if "alerts/?open" in address else main
        assert ("Imminent (hours)" in table) == is_imminent, address
        assert ("imminence-imminent" in table) <= is_imminent, address


def test_an_alert_found_false_asks_for_no_decision(mission, analyst):
    AlertFactory(mission=mission, verification="false")
    AlertFactory(mission=mission)
    figures = alert_figures(mission, analyst)
    assert (figures.open, figures.undecided) == (2, 1)
    facts = gather(mission, 0, mission.today - datetime.timedelta(days=mission.today.weekday()))
    assert facts.undecided == 1


def test_what_is_found_false_is_looked_at_after_what_may_come(mission):
    found_false = AlertFactory(mission=mission, imminence="imminent", verification="false")
    weeks = AlertFactory(mission=mission, imminence="weeks")
    closed = AlertFactory(mission=mission, imminence="imminent", stage="closed")
    assert list(Alert.objects.filter(mission=mission).triage()) == [weeks, found_false, closed]


@pytest.mark.parametrize(("ago", "likelihood"), [(303, 4), (14, 5), (15, 4)])
def test_an_old_warning_is_no_sign_of_what_is_imminent_because_the_record_ended(ago, likelihood):
    today = datetime.date(2022, 12, 31)
    end = today - min(ago - 3, 300) * DAY
    harm = [end - n * DAY for n in range(6)]
    suggestion = suggest(harm, [], today, CUT, warnings=[today - ago * DAY], record_end=end)
    assert suggestion.likelihood == likelihood
    assert ("indicators" in suggestion.figures) == (likelihood == 5)
