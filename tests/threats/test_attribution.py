"""Who is accused of what: perpetrators only, never a people, never a mere side of a clash."""

import csv
import datetime
import itertools
from pathlib import Path

import pytest
from django.urls import reverse

from missions.choices import Role
from tests.factories import (
    AdminAreaFactory,
    ArmedActorFactory,
    CommunityFactory,
    IncidentActorFactory,
    IncidentFactory,
    MissionFactory,
    ThreatFactory,
)
from tests.proof import some
from threats.choices import FAMILY_OF, ActorFamily, ActorKind, ActorReview, ThreatKind
from threats.models import ArmedActor, Incident, Threat, ThreatRules
from threats.rules.names import UNESTABLISHED, is_listed, kind_of_actor, shipped_peoples
from threats.scoring.suggestions import suggestions_for
from threats.services.actors import edit_actor
from threats.services.proposals import propose_threats
from threats.sources.loader import import_incidents

FILES = Path(__file__).parent
CAF = FILES.parents[1] / "threats/demo/ucdp_ged_23_1_caf.csv"
# The newest event of every dyad, type of violence and whether civilians died: UCDP GED 19.1,
# CC BY 4.0, Sundberg & Melander 2013, Högbladh 2019.
SYRIA = FILES / "sides-syria-2016-2019.csv"
EVERYWHERE = {
    "type": "Polygon",
    "coordinates": [[[-30, -40], [150, -40], [150, 60], [-30, 60], [-30, -40]]],
}
PEOPLES = (
    "Murle", "Lou Nuer", "Dinka Rek", "Dinka (Bor)", "Misseriya", "Lendu", "Hema", "Fulani",
    "Dogon", "Muslims (Bangui)", "Christians (CAR)", "Rizeigat Baggara", "Turkana", "Toposa",
    "Shuwalat clan", "Beni Hussein",
)  # fmt: skip
GROUPS = ("FPRC", "anti-Balaka", "UPC", "MPC", "3R")
GOOD = {
    "id": "1", "type_of_violence": "2", "side_a": "", "side_a_new_id": "", "side_b": "",
    "side_b_new_id": "", "where_prec": "1", "where_coordinates": "Kaga town", "latitude": "6.98",
    "longitude": "19.18", "date_prec": "1", "date_start": "2022-12-01", "date_end": "2022-12-01",
    "deaths_civilians": "2", "deaths_unknown": "0", "best": "2", "high": "3", "low": "2",
}  # fmt: skip


def write(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def fights() -> list[dict]:
    """Peoples among themselves; groups among themselves, and against a state or civilians too."""
    pairs = [("2", one, other) for one, other in itertools.pairwise(PEOPLES)]
    pairs += [("2", one, other) for one, other in itertools.pairwise(GROUPS)]
    pairs += [("2", "FPRC", "Fulani"), ("2", "Unheard Of", "FPRC")]
    pairs += [("1", "Government of South Sudan", group) for group in GROUPS[:2]]
    pairs += [("3", group, "Civilians") for group in GROUPS[2:]]
    return [
        GOOD | {
            "id": str(number), "type_of_violence": kind, "side_a": a, "side_b": b,
            "side_a_new_id": f"id {a}", "side_b_new_id": f"id {b}",
            "deaths_civilians": str(number % 3),
        }
        for number, (kind, a, b) in enumerate(pairs, start=1)
    ]  # fmt: skip


def sides(rows: list[dict], kinds: str) -> set[str]:
    return {
        row[side]
        for row in rows
        if row["type_of_violence"] in kinds
        for side in ("side_a", "side_b")
    }


def mission_of(path: Path, today: str, polygon=EVERYWHERE):
    mission = MissionFactory(reference_date=datetime.date.fromisoformat(today))
    AdminAreaFactory(mission=mission, polygon=polygon)
    report = import_incidents(mission=mission, path=path, format_name="ucdp")
    assert report.refused == 0, report.errors
    return mission


def check_names(mission, rows: list[dict]) -> None:
    """No people is an armed group, no side of types 1 or 3 is taken for a people."""
    kinds = {
        actor.name: (actor.kind, actor.review)
        for actor in ArmedActor.objects.filter(mission=mission)
    }
    groups = sides(rows, "13") - {"Civilians"}
    for name in groups | {part for group in groups for part in group.split(", ")}:
        assert kinds[name] == (kind_of_actor(name), ""), name
    for name in sides(rows, "2") - groups:
        if not any(name in group.split(", ") for group in groups):
            assert kinds[name][0] in (ActorKind.UNKNOWN, ActorKind.STATE_FORCES), name
            assert kinds[name][1] or kinds[name][0] == ActorKind.STATE_FORCES, name
    for name, (kind, _review) in kinds.items():
        if is_listed(name, shipped_peoples()):
            assert kind not in (ActorKind.NON_STATE_ARMED_GROUP, ActorKind.MILITIA), name


def accused_slowly(mission) -> list[str]:
    """Drafts that accuse whom no incident behind them records as perpetrator."""
    wrong = []
    for threat in Threat.objects.current().filter(mission=mission, status="proposed"):
        for actor in threat.perpetrators.all():
            for incident in threat.incidents.all():
                parts = [row.part for row in incident.parts.all() if row.actor_id == actor.pk]
                if "perpetrator" not in parts or not incident.against_civilians:
                    wrong.append(f"{threat} by {incident}")
        if not threat.incidents.exists():  # drawn from the risk, which knows of no perpetrator
            if threat.perpetrators.exists():
                wrong.append(str(threat))
            continue
        if threat.perpetrators.exists() == (threat.kind in ("crossfire", "intercommunal")):
            wrong.append(str(threat))
    return wrong


def check_drafts(mission) -> list[Threat]:
    drafts = propose_threats(mission)
    assert accused_slowly(mission) == []
    for threat in drafts:
        assert "reported" in threat.title
        assert not any(
            is_listed(actor.name, shipped_peoples()) for actor in threat.perpetrators.all()
        )
    since = mission.today - datetime.timedelta(days=365)
    harmed = Incident.objects.filter(
        mission=mission, against_civilians=True, end_date__range=(since, mission.today),
        admin_area__isnull=False, parts__part__in=("perpetrator", "party"),
    )  # fmt: skip
    supported = Incident.objects.filter(threats__in=[threat.pk for threat in drafts])
    assert set(harmed) - set(supported) == set()  # no harm without a draft
    return drafts


# -- whole files --------------------------------------------------------------------------------


@pytest.mark.prove
def test_peoples_and_groups_of_a_file_with_ethnonyms(db, tmp_path, figure):
    rows = fights()
    mission = mission_of(write(tmp_path / "peoples.csv", rows), "2022-12-31")
    check_names(mission, rows)
    drafts = check_drafts(mission)
    between = [threat for threat in drafts if threat.kind == ThreatKind.INTERCOMMUNAL]
    assert {side for threat in between for side in map(str, threat.parties.all())} >= set(PEOPLES)
    for threat in between:
        assert UNESTABLISHED in map(str, threat.parties.all())
        assert not threat.perpetrators.exists()
    under_review = ArmedActor.objects.filter(mission=mission).exclude(review="")
    assert {actor.name for actor in under_review} == {*PEOPLES, "Unheard Of"}
    figure("peoples under review", under_review.count())


@pytest.mark.prove
def test_no_draft_accuses_a_mere_side_in_syria(db, figure):
    rows = list(csv.DictReader(SYRIA.open(encoding="utf-8")))
    mission = mission_of(SYRIA, "2019-12-31")
    check_names(mission, rows)
    figure("drafts", len(check_drafts(mission)), "0 of them accuse a mere side")


@pytest.mark.prove
def test_no_draft_accuses_a_mere_side_in_the_demonstrations_years(demo, figure):
    rows = list(csv.DictReader(CAF.open(newline="", encoding="utf-8")))
    check_names(demo, rows)
    assert accused_slowly(demo) == []
    Threat.objects.filter(mission=demo).update(status="closed")
    drafts = 0
    for year in some(range(2022, 2000, -1), 2, datetime.date.today().toordinal()):
        demo.reference_date = datetime.date(year, 12, 31)
        drafts += len(check_drafts(demo))
        Threat.objects.filter(mission=demo).update(status="closed")
    figure("drafts", drafts, "0 of them accuse a mere side")


@pytest.mark.prove
def test_every_event_with_known_civilian_dead_counts_once(demo, figure):
    rows = list(csv.DictReader(CAF.open(newline="", encoding="utf-8")))
    known = [
        r["id"] for r in rows if int(r["deaths_civilians"]) >= 1 or r["type_of_violence"] == "3"
    ]
    counted = Incident.objects.filter(mission=demo, dataset="ucdp").against_civilians()
    assert sorted(counted.values_list("external_id", flat=True)) == sorted(known)
    figure("events that harmed civilians", len(known))


# -- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Government of Chad", "Police of South Sudan", "FACA", "RSF", "Sudan Armed Forces",
        "Gendarmerie nationale", "Forces armées centrafricaines", "Rapid Support Forces",
        "Military Forces of Mali (2021-)", "Police Forces of Kenya (2013-)", "National Police",
        "Armed Forces of the Democratic Republic of Congo", "Presidential Guard",
        "South Sudan National Police Service", "Internal Security Forces", "Gendarmerie of Mali",
    ],
)  # fmt: skip
def test_forces_of_a_state_are_recognised(name):
    assert FAMILY_OF[kind_of_actor(name)] == ActorFamily.STATE


@pytest.mark.parametrize(
    "name",
    [
        "FPRC", "UPC", "Free Syrian Army", "Sudan Liberation Army", "Lord's Resistance Army",
        "Revolutionary Armed Forces of Colombia (FARC)", "Armed Forces Revolutionary Council",
        "Allied Democratic Forces", "Armée de résistance du Seigneur", "SPLM/A",
        "National Army for the Liberation of Uganda", "Syrian insurgents",
    ],
)  # fmt: skip
def test_rebels_who_call_themselves_an_army_are_no_state_force(name):
    assert kind_of_actor(name) == ActorKind.NON_STATE_ARMED_GROUP
    assert not is_listed(name, shipped_peoples())


def test_an_organisation_of_a_people_is_not_the_people():
    peoples = shipped_peoples()
    for name in (
        "Nuer White Army",
        "Fulani militia",
        "Hema Self-Defence",
        "Lendu fighters",
        "SPLA",
    ):
        assert not is_listed(name, peoples), name
    for name in ("NUER", "Peuhls", "Muslims (CAR)", "Bul Nuer", "Bété"):
        assert is_listed(name, peoples), name


def test_a_name_seen_later_against_a_state_is_a_group_again(db, tmp_path):
    row = GOOD | {
        "side_a": "New Band",
        "side_a_new_id": "5",
        "side_b": "FPRC",
        "side_b_new_id": "6",
    }
    mission = mission_of(write(tmp_path / "a.csv", [row]), "2022-12-31")
    actor = ArmedActor.objects.get(mission=mission, name="New Band")
    assert (actor.kind, actor.review) == ("unknown", ActorReview.COMMUNAL)
    later = row | {"id": "2", "type_of_violence": "3", "side_b": "Civilians", "side_b_new_id": "1"}
    import_incidents(mission=mission, path=write(tmp_path / "b.csv", [later]), format_name="ucdp")
    actor.refresh_from_db()
    assert (actor.kind, actor.review) == ("non_state_armed_group", "")
    import_incidents(mission=mission, path=write(tmp_path / "a.csv", [row | {"best": "9"}]), format_name="ucdp")  # fmt: skip
    actor.refresh_from_db()
    assert (actor.kind, actor.review) == ("non_state_armed_group", "")


def test_a_person_decides_and_no_file_takes_it_back(db, tmp_path, member):
    row = GOOD | {"side_a": "Murle", "side_a_new_id": "5", "side_b": "Toposa", "side_b_new_id": "6"}
    mission = mission_of(write(tmp_path / "a.csv", [row]), "2022-12-31")
    analyst = member(Role.ANALYST, where=mission)
    actor = ArmedActor.objects.get(mission=mission, name="Murle")
    assert actor.review == ActorReview.LISTED
    edit_actor(actor, user=analyst, kind=ActorKind.MILITIA)
    import_incidents(mission=mission, path=write(tmp_path / "a.csv", [row | {"best": "9"}]), format_name="ucdp")  # fmt: skip
    actor.refresh_from_db()
    assert (actor.kind, actor.review, actor.kind_decided_by) == ("militia", "", analyst)
    assert actor.kind_decided_at is not None


def test_the_list_of_names_is_the_missions_own(db, tmp_path):
    mission = MissionFactory()
    ThreatRules.objects.create(mission=mission, peoples=["Kagans"])
    mission = type(mission).objects.get(pk=mission.pk)
    assert ArmedActorFactory(mission=mission, name="Kagans").review == ActorReview.LISTED
    assert ArmedActorFactory(mission=mission, name="Murle").review == ""


# -- drafts -------------------------------------------------------------------------------------


@pytest.fixture
def place(mission):
    CommunityFactory(mission=mission, longitude=20.0, latitude=5.0)
    return AdminAreaFactory(mission=mission)


def clash(mission, place, *actors, kind="clash", **values):
    incident = IncidentFactory(mission=mission, kind=kind, admin_area=place, **values)
    for actor in actors:
        IncidentActorFactory(incident=incident, actor=actor, part="party")
    return incident


def test_a_clash_that_killed_civilians_is_crossfire_without_blame(mission, place):
    state = ArmedActorFactory(mission=mission, name="Government", kind=ActorKind.STATE_FORCES)
    band = ArmedActorFactory(mission=mission, name="Band", kind=ActorKind.NON_STATE_ARMED_GROUP)
    clash(mission, place, state, band, civilian_deaths=4)
    (threat,) = propose_threats(mission)
    assert threat.kind == ThreatKind.CROSSFIRE
    assert threat.title == (
        f"Fighting between Band and Government, civilians reported killed or injured in {place}"
    )
    assert set(threat.parties.all()) == {state, band}
    assert not threat.perpetrators.exists()
    assert threat.communities.count() == 1
    assert [again.pk for again in propose_threats(mission)] == [threat.pk]


def test_tension_between_two_peoples_is_no_violence_of_theirs(mission, place):
    sides = [
        ArmedActorFactory(mission=mission, name=name, kind=ActorKind.IDENTITY_GROUP)
        for name in ("Runga", "Gula")
    ]
    clash(mission, place, *sides, kind="tension", against_civilians=False)
    assert propose_threats(mission) == []
    clash(mission, place, *sides, against_civilians=False)
    (threat,) = propose_threats(mission)
    assert (threat.kind, threat.incidents.count()) == (ThreatKind.INTERCOMMUNAL, 1)
    assert threat.suggestion["other_violence"] == 1
    assert threat.suggestion["indicators"] == 1


def test_only_a_recorded_perpetrator_is_accused(mission, place):
    band = ArmedActorFactory(mission=mission, name="Band", kind=ActorKind.NON_STATE_ARMED_GROUP)
    other = ArmedActorFactory(mission=mission, name="Other", kind=ActorKind.NON_STATE_ARMED_GROUP)
    killing = IncidentFactory(mission=mission, admin_area=place)
    IncidentActorFactory(incident=killing, actor=band)
    clash(mission, place, band, other, civilian_deaths=1)
    attacks, crossfire = sorted(propose_threats(mission), key=lambda threat: threat.kind)
    assert attacks.title == f"Band: reported violence against civilians in {place}"
    assert list(attacks.incidents.all()) == [killing]
    assert attacks.suggestion["incidents"] == 1
    assert attacks.suggestion["other_violence"] == 1
    assert crossfire.kind == ThreatKind.CROSSFIRE


def test_a_draft_nothing_supports_is_withdrawn(mission, place):
    """Drafts of earlier versions accused whoever had been a side of a clash."""
    band = ArmedActorFactory(mission=mission, name="Band")
    incident = clash(mission, place, band, ArmedActorFactory(mission=mission), civilian_deaths=1)
    threat = ThreatFactory(mission=mission, status="proposed", admin_area=place, created_by=None)
    threat.perpetrators.set([band])
    threat.incidents.set([incident])
    propose_threats(mission)
    threat.refresh_from_db()
    assert threat.withdrawn_at is not None


def test_what_is_disproved_accuses_nobody(mission, place, member):
    band = ArmedActorFactory(mission=mission, name="Band")
    part = IncidentActorFactory(
        incident=IncidentFactory(mission=mission, admin_area=place),
        actor=band,
        standard="disproved",
    )
    assert propose_threats(mission) == []
    threat = ThreatFactory(mission=mission, admin_area=place)
    threat.perpetrators.set([band])
    viewer = member()
    assert suggestions_for(mission, viewer, [threat])[threat.pk].figures["incidents"] == 0
    type(part).objects.update(standard="verified")
    assert suggestions_for(mission, viewer, [threat])[threat.pk].figures["incidents"] == 1


def test_evidence_of_attacks_is_not_what_the_actor_was_only_a_side_of(mission, place, member):
    band = ArmedActorFactory(mission=mission, name="Band")
    other = ArmedActorFactory(mission=mission, name="Other")
    clash(mission, place, band, other, civilian_deaths=3)
    attacks = ThreatFactory(mission=mission, admin_area=place)
    attacks.perpetrators.set([band])
    crossfire = ThreatFactory(mission=mission, admin_area=place, kind=ThreatKind.CROSSFIRE)
    crossfire.parties.set([band, other])
    found = suggestions_for(mission, member(), [attacks, crossfire])
    assert found[attacks.pk].figures["incidents"] == 0
    assert found[attacks.pk].figures["other_violence"] == 1
    assert found[crossfire.pk].figures["incidents"] == 1


# -- pages and API ------------------------------------------------------------------------------


def test_names_to_decide_on_are_listed_and_decided(mission, member, signed_in, api):
    murle = ArmedActorFactory(mission=mission, name="Murle")
    band = ArmedActorFactory(mission=mission, name="Band")
    analyst = member(Role.ANALYST)
    page = reverse("actor-list", args=[mission.code]) + "?under_review=true"
    shown = signed_in(analyst).get(page).content.decode()
    assert murle.get_absolute_url() in shown
    assert band.get_absolute_url() not in shown
    shown = signed_in(analyst).get(murle.get_absolute_url()).content.decode()
    assert "A people is not an armed group." in shown
    address = f"/api/v1/armed-actors/{murle.pk}/"
    assert api(analyst).get(address).json()["review"] == "listed"
    answer = api(analyst).patch(address, {"kind": "identity_group"}).json()
    assert (answer["review"], answer["kind_decided_by"]) == ("", analyst.pk)
    shown = signed_in(analyst).get(murle.get_absolute_url()).content.decode()
    assert "A people is not an armed group." not in shown


def test_the_list_is_edited_on_a_page_and_holds_at_once(mission, member, signed_in):
    actor = ArmedActorFactory(mission=mission, name="Kagans", kind="non_state_armed_group")
    side = ArmedActorFactory(mission=mission, name="Murle", kind="non_state_armed_group",
                             seen_organised=True)  # fmt: skip
    page = reverse("peoples", args=[mission.code])
    assert signed_in(member(Role.REPORTER)).get(page).status_code == 403
    client = signed_in(member(Role.ADVISER))
    assert "Murle" in client.get(page).content.decode()
    client.post(page, {"peoples": "Kagan\nMurle"})
    actor.refresh_from_db()
    side.refresh_from_db()
    assert (actor.kind, actor.review) == ("unknown", "listed")
    assert (side.kind, side.review) == ("non_state_armed_group", "")
    client.post(page, {"peoples": "Murle"})
    actor.refresh_from_db()
    assert (actor.kind, actor.review) == ("non_state_armed_group", "")


def test_a_link_carries_a_standard_and_who_set_it(mission, member, signed_in, api):
    part = IncidentActorFactory(incident=IncidentFactory(mission=mission))
    threat = ThreatFactory(mission=mission)
    threat.perpetrators.set([part.actor])
    threat.parties.set([ArmedActorFactory(mission=mission, name="Other side")])
    analyst = member(Role.ANALYST)
    client = signed_in(analyst)
    links = {"part": part, "perpetrator": threat.accused.get(), "party": threat.sides.get()}
    for what, link in links.items():
        assert link.standard == "allegation"
        address = reverse("set-standard", args=[mission.code, what, link.pk])
        client.post(address, {"standard": "certain"})
        link.refresh_from_db()
        assert link.standard == "allegation"
        assert (
            signed_in(member(Role.REPORTER)).post(address, {"standard": "verified"}).status_code
            == 403
        )
        client.post(address, {"standard": "corroborated"})
        link.refresh_from_db()
        assert (link.standard, link.standard_set_by) == ("corroborated", analyst)
    page = client.get(threat.get_absolute_url()).content.decode()
    assert "Sides, without blame" in page
    assert "No incident behind this threat records it as perpetrator." in page
    assert "Corroborated" in client.get(part.incident.get_absolute_url()).content.decode()
    answer = api(analyst).get(f"/api/v1/threats/{threat.pk}/").json()
    assert answer["accused"][0]["standard"] == "corroborated"
    assert answer["sides"][0]["standard_set_by"] == analyst.pk
    answer = api(analyst).get(f"/api/v1/incidents/{part.incident_id}/").json()
    assert answer["parts"][0]["standard"] == "corroborated"
    part.incident.refresh_from_db()
    assert part.incident.edited_by_hand  # no file takes it back


def test_a_standard_that_no_longer_stands_is_kept_with_who_set_it(mission, member, signed_in, api):
    part = IncidentActorFactory(incident=IncidentFactory(mission=mission))
    threat = ThreatFactory(mission=mission)
    threat.perpetrators.set([part.actor])
    analyst = member(Role.ANALYST)
    adviser = member(Role.ADVISER)
    client = api(analyst)
    for resource, record in (("threats", threat), ("incidents", part.incident)):
        address = f"/api/v1/{resource}/{record.pk}/standard/"
        body = {"actor": part.actor_id, "part": "perpetrator"}
        assert client.post(address, body | {"standard": "corroborated"}).status_code == 200
        told = api(adviser).post(address, body | {"standard": "disproved"}).json()
        shown = told["accused" if resource == "threats" else "parts"][0]
        assert (shown["standard"], shown["standard_set_by"]) == ("disproved", adviser.pk)
        kept = [(row.standard, row.set_by) for row in record.proof_settings.all()]
        assert kept == [("allegation", None), ("corroborated", analyst), ("disproved", adviser)]
        page = signed_in(analyst).get(record.get_absolute_url()).content.decode()
        assert page.index("before: Corroborated") < page.index("before: Allegation")
        assert str(analyst) in page
    part.delete()
    assert part.incident.proof_settings.count() == 3


def test_the_api_refuses_a_standard_of_a_part_nobody_has(mission, member, api):
    part = IncidentActorFactory(incident=IncidentFactory(mission=mission), part="party")
    other = ArmedActorFactory(mission=mission, name="Uninvolved")
    hidden = ArmedActorFactory(mission=mission, classification=2)
    client = api(member(Role.ANALYST, clearance=1))
    address = f"/api/v1/incidents/{part.incident_id}/standard/"
    body = {"actor": part.actor_id, "part": "perpetrator", "standard": "verified"}
    assert "no such part" in client.post(address, body).json()["errors"][0]["message"]
    answer = client.post(address, body | {"actor": other.pk, "part": "party"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "actor")
    assert client.post(address, body | {"actor": hidden.pk}).status_code == 400
    assert client.post(address, body | {"part": "party", "sure": True}).status_code == 400
    refused = api(member(Role.REPORTER)).post(address, body | {"part": "party"})
    assert refused.status_code == 403
    part.refresh_from_db()
    assert part.standard == "allegation"


def test_the_form_of_a_threat_names_sides_without_blaming_them(mission, member, signed_in):
    known = ArmedActorFactory(mission=mission, name="Known side")
    analyst = member(Role.ANALYST)
    client = signed_in(analyst)
    address = f"/{mission.code}/threats/report/"
    body = {
        "title": "Between two fires", "kind": "crossfire", "phase": "response", "classification": 0,
        "parties": "Known side\nNew side",
    }  # fmt: skip
    told = client.post(address, body)
    assert "No armed actor is called “New side”" in told.content.decode()
    assert "Known side\nNew side" in told.content.decode()
    client.post(address, body | {"new_actor": "on"})
    threat = Threat.objects.get(mission=mission, title="Between two fires")
    assert {str(side) for side in threat.parties.all()} == {"Known side", "New side"}
    assert not threat.perpetrators.exists()
    edit = f"/{mission.code}/threats/{threat.pk}/edit/"
    page = client.get(edit)
    version = page.context["form"].initial["version"]
    client.post(edit, body | {"parties": "Known side", "version": version})
    assert [side.pk for side in threat.parties.all()] == [known.pk]
