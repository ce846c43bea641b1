import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from missions.choices import ComponentKind, Role
from strategies.choices import Tier
from strategies.models import Activity, CatalogueActivity
from strategies.reading.catalogue import load_catalogue, suggestions
from strategies.services.activities import plan_from_catalogue
from tests.factories import (
    ArmedActorFactory,
    CommunityFactory,
    ComponentFactory,
    MissionFactory,
    ThreatFactory,
)
from threats.choices import FAMILY_OF, ActorFamily, ActorKind, Phase, ThreatKind


@pytest.fixture
def military(mission):
    return ComponentFactory(mission=mission, kind=ComponentKind.MILITARY)


def test_every_cell_has_typical_activities_in_both_languages(db):
    entries = list(CatalogueActivity.objects.all())
    assert len(entries) >= 60
    for tier in Tier.values:
        for phase in Phase.values:
            assert len([e for e in entries if (e.tier, e.phase) == (tier, phase)]) >= 5
    for entry in entries:
        assert set(entry.titles) == {language for language, _name in settings.LANGUAGES}
        assert entry.titles["en"] != entry.titles["fr"]
        assert entry.components
        with translation.override("fr"):
            assert entry.title == entry.titles["fr"]
        with translation.override("en"):
            assert entry.title == entry.titles["en"]


def test_loading_again_changes_nothing_and_drops_what_left_the_file(db):
    before = list(CatalogueActivity.objects.order_by("code").values())
    CatalogueActivity.objects.create(
        code="gone",
        tier=1,
        phase="prevention",
        components=["military"],
        titles={"en": "a", "fr": "b"},
    )
    assert load_catalogue() == len(before)
    assert list(CatalogueActivity.objects.order_by("code").values()) == before


def test_suggestions_fit_the_threat_and_the_components_present(mission, military, member):
    user = member(Role.PLANNER)
    threat = ThreatFactory(mission=mission, kind="sexual_violence")
    found = suggestions(mission, user, threat)
    entries = [entry for cell in found.values() for entry in cell.offered]
    assert entries
    for entry in entries:
        assert "military" in entry.components
        assert not entry.threat_kinds or "sexual_violence" in entry.threat_kinds
    assert (
        found[2, "prevention"].offered[0].code == "t2-prv-firewood"
    )  # made for this type of threat
    assert suggestions(MissionFactory(), user, threat) == {}


@pytest.fixture
def every_component(mission):
    return [ComponentFactory(mission=mission, kind=kind) for kind in ComponentKind]


def offered(threat, user) -> set[str]:
    cells = suggestions(threat.mission, user, threat).values()
    return {entry.code for cell in cells for entry in cell.offered}


def withheld(threat, user) -> dict[str, str]:
    cells = suggestions(threat.mission, user, threat).values()
    return {entry.code: caution.value for cell in cells for entry, caution in cell.withheld}


def against(mission, *kinds, **values):
    threat = ThreatFactory(mission=mission, **values)
    threat.perpetrators.set([ArmedActorFactory(mission=mission, kind=kind) for kind in kinds])
    return threat


BESIDE_THE_STATE = {
    "t3-pre-earlywarning": "warns",
    "t2-cns-policing": "places",
    "t3-prv-state": "places",
    "t3-cns-authority": "places",
}


def test_a_state_force_is_neither_warned_nor_placed_beside_the_people(
    mission, every_component, member
):
    user = member(Role.PLANNER)
    threat = against(mission, "state_forces")
    assert withheld(threat, user) == BESIDE_THE_STATE
    found = offered(threat, user)
    assert not found & set(BESIDE_THE_STATE)
    assert not found & {"t3-cns-ddr", "t1-prv-commanders", "t1-rsp-highlevel"}  # made for groups
    assert "t1-rsp-demarche" in found
    # One state force among several perpetrators is enough.
    assert withheld(against(mission, "militia", "state_forces"), user) == BESIDE_THE_STATE


def test_against_an_armed_group_nothing_is_withheld(mission, every_component, member):
    user = member(Role.PLANNER)
    threat = against(mission, "non_state_armed_group")
    assert withheld(threat, user) == {}
    found = offered(threat, user)
    assert {"t3-cns-ddr", "t1-prv-commanders", *BESIDE_THE_STATE} <= found
    assert "t1-rsp-demarche" not in found
    # Who is not established may be anybody: nothing made for one kind alone is left out.
    assert {"t3-cns-ddr", "t1-rsp-demarche"} <= offered(against(mission, "unknown"), user)


def test_a_perpetrator_one_may_not_see_changes_no_suggestion(mission, every_component, member):
    """What is withheld would betray who stands behind a threat."""
    user = member(Role.PLANNER, clearance=0)
    threat = ThreatFactory(mission=mission)
    before = offered(threat, user)
    hidden = ArmedActorFactory(mission=mission, kind="state_forces", classification=2)
    threat.perpetrators.set([hidden])
    assert offered(threat, user) == before
    assert withheld(threat, user) == {}
    assert withheld(threat, member(Role.PLANNER, clearance=2)) == BESIDE_THE_STATE


def test_every_kind_of_actor_has_a_family_or_may_be_anybody():
    assert set(ActorKind) - set(FAMILY_OF) == {ActorKind.UNKNOWN}


@pytest.mark.parametrize("kind", ThreatKind)
@pytest.mark.parametrize("family", ActorFamily)
def test_every_cell_has_something_against_every_kind_of_threat_and_perpetrator(db, family, kind):
    entries = CatalogueActivity.objects.fitting(kind, ComponentKind.values)
    for tier in Tier.values:
        for phase in Phase.values:
            assert [
                entry
                for entry in entries
                if (entry.tier, entry.phase) == (tier, phase)
                and entry.fits({family})
                and not entry.withheld_from({family})
            ], (tier, phase)


def test_no_typical_activity_keeps_a_list_of_people(db):
    for entry in CatalogueActivity.objects.all():
        assert "list of vulnerable" not in entry.titles["en"].lower()
        assert "liste des personnes vulnérables" not in entry.titles["fr"].lower()


def test_what_is_withheld_is_shown_with_its_reason_and_cannot_be_planned(
    mission, every_component, member, signed_in
):
    planner = signed_in(member(Role.PLANNER))
    threat = against(mission, "state_forces", phase="consolidation")
    page = planner.get(threat.get_absolute_url()).content.decode()
    assert "Not suggested, as state forces are among the perpetrators" in page
    assert "Places state forces beside the people" in page
    url = f"/{mission.code}/threats/{threat.pk}/plan/"
    assert url + "t2-cns-policing/" not in page
    answer = planner.post(url + "t2-cns-policing/", follow=True)
    assert "is not planned against" in answer.content.decode()
    assert not Activity.objects.filter(mission=mission).exists()


def test_support_to_a_force_asks_for_dated_due_diligence_first(
    mission, every_component, member, signed_in
):
    planner = signed_in(member(Role.PLANNER))
    threat = against(mission, "non_state_armed_group", phase="prevention")
    entry = CatalogueActivity.objects.get(code="t3-prv-training")
    with pytest.raises(ValidationError, match="due diligence"):
        plan_from_catalogue(user=member(Role.PLANNER), threat=threat, entry=entry)
    page = planner.get(threat.get_absolute_url()).content.decode()
    assert "due diligence first" in page
    url = f"/{mission.code}/activities/plan/?typical={entry.code}&threat={threat.pk}"
    form = planner.get(url).context["form"]
    assert form["title"].value() == entry.title
    given = {
        name: getattr(value, "pk", value)
        for name in form.fields
        if (value := form[name].value()) not in (None, "")
    } | {"threats": [threat.pk], "communities": "", "status": "planned"}
    answer = planner.post(url, given)
    assert "supports a state force" in answer.content.decode()
    late = mission.today.replace(year=mission.today.year + 1)
    note = {"due_diligence_note": "Third company: two officers removed."}
    answer = planner.post(url, given | note | {"due_diligence_on": late})
    assert "lies in the future" in answer.content.decode()
    assert "Third company" in answer.content.decode()  # nothing typed is lost
    answer = planner.post(url, given | {"due_diligence_on": mission.today})
    assert "Say what the due diligence of that day found." in answer.content.decode()
    answer = planner.post(url, given | note | {"due_diligence_on": mission.today})
    made = Activity.objects.get(mission=mission)
    assert answer.url == made.get_absolute_url()
    assert "Third company" in planner.get(answer.url).content.decode()


def test_one_click_plans_it_for_the_usual_lead(mission, military, member):
    other = ComponentFactory(mission=mission, kind=ComponentKind.UN_POLICE)
    threat = ThreatFactory(mission=mission, classification=1)
    community = CommunityFactory(mission=mission)
    threat.communities.add(community)
    entry = CatalogueActivity.objects.get(code="t2-prv-daypatrols")
    made = plan_from_catalogue(user=member(Role.PLANNER), threat=threat, entry=entry)
    assert (made.tier, made.phase, made.status) == (2, "prevention", "planned")
    assert made.lead_component == military != other
    assert made.classification == 1
    assert list(made.threats.all()) == [threat]
    assert list(made.communities.all()) == [community]
    own = plan_from_catalogue(
        user=member(Role.PLANNER, component=other), threat=threat, entry=entry
    )
    assert own.lead_component == other


def test_without_a_fitting_component_it_says_so(mission, military, member):
    entry = CatalogueActivity.objects.get(code="t3-cns-prosecution")
    with pytest.raises(ValidationError, match="Justice and corrections"):
        plan_from_catalogue(
            user=member(Role.PLANNER), threat=ThreatFactory(mission=mission), entry=entry
        )
    assert not Activity.objects.filter(mission=mission).exists()


def test_who_may_not_plan_is_refused(mission, military, member):
    entry = CatalogueActivity.objects.get(code="t2-prv-daypatrols")
    with pytest.raises(PermissionDenied):
        plan_from_catalogue(
            user=member(Role.ANALYST), threat=ThreatFactory(mission=mission), entry=entry
        )


def test_from_the_matrix_to_a_planned_activity(mission, military, member, signed_in):
    threat = ThreatFactory(mission=mission, phase="preemption")
    planner = signed_in(member(Role.PLANNER))
    page = planner.get(threat.get_absolute_url()).content.decode()
    assert "Overnight patrols and a temporary operating base" in page
    url = f"/{mission.code}/threats/{threat.pk}/plan/t2-pre-overnight/"
    answer = planner.post(url)
    made = Activity.objects.get(mission=mission)
    assert answer.url == made.get_absolute_url()
    assert planner.get(url).url == threat.get_absolute_url()
    assert planner.post(url.replace("overnight", "nothing")).status_code == 404
    viewer = signed_in(member(Role.VIEWER))
    assert viewer.post(url).status_code == 403
    assert "plan/t2-" not in viewer.get(threat.get_absolute_url()).content.decode()
    stranger = signed_in(member(Role.PLANNER, where=MissionFactory()))
    assert stranger.post(url).status_code == 404


def test_the_catalogue_is_a_page_a_csv_and_a_resource(mission, member, signed_in, api):
    user = member()
    client = signed_in(user)
    page = client.get(f"/{mission.code}/catalogue/?tier=2&component=mine_action")
    assert "Clearance of explosives" in page.content.decode()
    assert "Show of force" not in page.content.decode()
    rows = b"".join(client.get(f"/{mission.code}/catalogue/?format=csv").streaming_content)
    assert rows.count(b"\n") == CatalogueActivity.objects.count() + 1
    found = api(user).get("/api/v1/catalogue-activities/?tier=1&phase=response").json()["results"]
    assert {row["phase"] for row in found} == {"response"}


def test_what_is_filled_in_names_one_place_where_two_share_a_name(
    mission, military, member, signed_in
):
    threat = ThreatFactory(mission=mission)
    meant = CommunityFactory(mission=mission, name="Nzako")
    CommunityFactory(mission=mission, name="Nzako")
    CommunityFactory(mission=mission, name="Ndah", classification=2)
    alone = CommunityFactory(mission=mission, name="Ndah")
    threat.communities.set([meant, alone])
    planner = signed_in(member(Role.PLANNER, clearance=0))
    form = planner.get(f"/{mission.code}/activities/plan/?threat={threat.pk}").context["form"]
    # A namesake one may not see leaves no mark.
    assert form["communities"].value() == f"Ndah\nNzako #{meant.pk}"
