import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from missions.choices import ComponentKind, Role
from strategies.choices import Tier
from strategies.models import Activity, CatalogueActivity
from strategies.reading.catalogue import load_catalogue, suggestions
from strategies.services.activities import plan_from_catalogue
from tests.factories import CommunityFactory, ComponentFactory, MissionFactory, ThreatFactory
from threats.choices import Phase


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
    entries = [entry for cell in found.values() for entry in cell]
    assert entries
    for entry in entries:
        assert "military" in entry.components
        assert not entry.threat_kinds or "sexual_violence" in entry.threat_kinds
    assert found[2, "prevention"][0].code == "t2-prv-firewood"  # made for this type of threat
    assert suggestions(MissionFactory(), user, threat) == {}


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
    assert planner.get(url).status_code == 405
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
