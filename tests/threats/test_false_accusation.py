"""Nobody is said to fight who looted, nobody to be a target who shot; parts follow what happened."""

import pytest
from django.urls import reverse
from django.utils import translation

from missions.choices import Role
from tests.factories import (
    AdminAreaFactory,
    ArmedActorFactory,
    IncidentActorFactory,
    IncidentFactory,
)
from threats.choices import ActorKind, IncidentKind, ThreatKind
from threats.models import IncidentActor
from threats.rules.kinds import AGAINST_CIVILIANS, FIGHTING, ORGANISED_VIOLENCE
from threats.services.attribution import set_standard
from threats.services.incidents import edit_incident, report_incident
from threats.services.proposals import propose_threats
from threats.sources.formats import acled

SPLIT = {"killed": {"civilian_deaths": 4}, "injured": {"injured": 2}}


def acled_row(**values):
    cells = {
        "event_id_cnty": "CAF1", "event_date": "2022-11-02", "time_precision": "1",
        "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "3R",
        "inter1": "2", "actor2": "", "inter2": "", "civilian_targeting": "", "location": "Bria",
        "latitude": "6.5", "longitude": "21.9", "geo_precision": "1", "source": "S", "notes": "",
        "fatalities": "0",
    } | values  # fmt: skip
    return acled.record(tuple(cells[name] for name in acled.COLUMNS))


def parts(row) -> dict[str, str]:
    return {actor.name: str(part) for actor, part in row.actors}


POLICE = {"actor2": "Police Forces of the Central African Republic", "inter2": "1"}
PROTESTERS = {"actor1": "Protesters (Central African Republic)", "inter1": "6"}
CIVILIANS = {"actor2": "Civilians (Central African Republic)", "inter2": "7"}
TARGETED = {"civilian_targeting": "Civilian targeting"}


def of_type(event: str, sub_event: str) -> dict[str, str]:
    return {"event_type": event, "sub_event_type": sub_event}


@pytest.fixture
def place(mission):
    return AdminAreaFactory(mission=mission, name="Ouham")


@pytest.fixture
def band(mission):
    return ArmedActorFactory(mission=mission, name="3R", kind=ActorKind.NON_STATE_ARMED_GROUP)


def happened(place, actor, *, part="party", **values):
    incident = IncidentFactory(mission=place.mission, admin_area=place, **values)
    IncidentActorFactory(incident=incident, actor=actor, part=part)
    return incident


# -- Drafts ---------------------------------------------------------------------------------------


def test_fighting_and_violence_against_civilians_are_all_organised_violence_and_apart():
    assert {str(kind) for kind in FIGHTING} == {
        "clash", "bombardment", "explosive_ordnance", "intercommunal", "attack_on_peacekeepers",
    }  # fmt: skip
    assert not FIGHTING & AGAINST_CIVILIANS
    assert FIGHTING | AGAINST_CIVILIANS == ORGANISED_VIOLENCE


@pytest.mark.parametrize("kind", [kind for kind in IncidentKind if kind != "exploitation"])
def test_only_fighting_makes_a_draft_of_fighting(mission, place, band, kind):
    happened(place, band, kind=kind, said_against_civilians=True)
    made = [(threat.kind, threat.title) for threat in propose_threats(mission)]
    told = "Fighting with 3R as one side, civilians reported harmed in Ouham"
    assert made == ([(ThreatKind.CROSSFIRE, told)] if kind in FIGHTING else [])


def test_a_draft_of_fighting_that_was_none_is_withdrawn(mission, place, band):
    incident = happened(place, band, kind="clash", civilian_deaths=2)
    (draft,) = propose_threats(mission)
    incident.kind, incident.civilian_deaths = "looting", None
    incident.save()
    assert propose_threats(mission) == []
    draft.refresh_from_db()
    assert draft.withdrawn_at is not None


@pytest.mark.parametrize("number", [*SPLIT, "unknown", "none"])
@pytest.mark.parametrize("sides", [1, 2])
def test_killed_or_injured_is_said_only_where_a_number_says_so(mission, place, band, number, sides):
    known = SPLIT.get(number, {"civilian_deaths": 0} if number == "none" else {})
    incident = happened(place, band, kind="clash", said_against_civilians=True, **known)
    if sides == 2:
        other = ArmedActorFactory(mission=mission, name="UPC")
        IncidentActorFactory(incident=incident, actor=other, part="party")
    (draft,) = propose_threats(mission)
    harm = "killed or injured" if number in SPLIT else "harmed"
    french = "tués ou blessés" if number in SPLIT else "touchés"
    who = "with 3R as one side" if sides == 1 else "between 3R and UPC"
    qui = "dont 3R est une partie" if sides == 1 else "entre 3R et UPC"
    assert draft.title == f"Fighting {who}, civilians reported {harm} in Ouham"
    with translation.override("fr"):
        draft.refresh_from_db()
        assert str(draft) == f"Combats {qui}, civils signalés {french}, Ouham"


# -- ACLED ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind", "is_harm", "expected"),
    [
        (
            of_type("Strategic developments", "Looting/property destruction"),
            "looting", True, {"3R": "perpetrator"},
        ),
        (
            of_type("Strategic developments", "Looting/property destruction") | CIVILIANS,
            "looting", True, {"3R": "perpetrator"},
        ),
        (
            of_type("Protests", "Excessive force against protesters")
            | PROTESTERS | POLICE | TARGETED | {"fatalities": "4"},
            "killing", True, {POLICE["actor2"]: "perpetrator"},
        ),
        (
            of_type("Protests", "Excessive force against protesters")
            | PROTESTERS | POLICE | TARGETED | {"inter1": "Protesters", "inter2": "State forces"},
            "attack", True, {POLICE["actor2"]: "perpetrator"},
        ),
        (  # the force named first, and no code beside the protesters
            of_type("Protests", "Excessive force against protesters") | {
                "actor1": POLICE["actor2"], "inter1": "1", "actor2": PROTESTERS["actor1"],
                "fatalities": "1",
            },
            "killing", True, {POLICE["actor2"]: "perpetrator"},
        ),
        (
            of_type("Protests", "Protest with intervention") | PROTESTERS | POLICE,
            "unrest", False, {POLICE["actor2"]: "party"},
        ),
        (
            of_type("Protests", "Peaceful protest") | PROTESTERS,
            "unrest", False, {},
        ),
        (
            of_type("Riots", "Violent demonstration") | POLICE
            | {"actor1": "Rioters (Central African Republic)", "inter1": "5"},
            "unrest", False, {POLICE["actor2"]: "party"},
        ),
        (
            of_type("Riots", "Mob violence") | CIVILIANS | TARGETED
            | {"actor1": "Rioters (Central African Republic)", "inter1": "5", "fatalities": "1"},
            "unrest", True, {},
        ),
        (  # whom rioters set upon did nothing
            of_type("Riots", "Mob violence") | POLICE | TARGETED
            | {"actor1": "Rioters (Central African Republic)", "inter1": "5"},
            "unrest", True, {POLICE["actor2"]: "target"},
        ),
        (
            of_type("Battles", "Armed clash") | POLICE | TARGETED | {"fatalities": "3"},
            "clash", True, {"3R": "party", POLICE["actor2"]: "party"},
        ),
        (
            of_type("Battles", "Government regains territory") | POLICE,
            "clash", False, {"3R": "party", POLICE["actor2"]: "party"},
        ),
        (
            of_type("Strategic developments", "Non-violent transfer of territory") | POLICE,
            "troop_movement", False, {"3R": "party", POLICE["actor2"]: "party"},
        ),
        (
            of_type("Explosions/Remote violence", "Remote explosive/landmine/IED")
            | CIVILIANS | TARGETED | {"fatalities": "2"},
            "explosive_ordnance", True, {"3R": "perpetrator"},
        ),
        (
            of_type("Explosions/Remote violence", "Suicide bomb") | POLICE,
            "bombardment", False, {"3R": "party", POLICE["actor2"]: "party"},
        ),
        (
            of_type("Explosions/Remote violence", "Air/drone strike") | CIVILIANS | TARGETED
            | {"actor1": "Military Forces of the Central African Republic", "inter1": "1"},
            "bombardment", True,
            {"Military Forces of the Central African Republic": "perpetrator"},
        ),
        (
            of_type("Violence against civilians", "Abduction/forced disappearance") | CIVILIANS,
            "abduction", True, {"3R": "perpetrator"},
        ),
        (
            of_type("Violence against civilians", "Sexual violence") | CIVILIANS,
            "sexual_violence", True, {"3R": "perpetrator"},
        ),
        (
            of_type("Violence against civilians", "Attack") | POLICE,
            "attack", True, {"3R": "perpetrator", POLICE["actor2"]: "target"},
        ),
    ],
)  # fmt: skip
def test_acled_tells_who_did_it_from_whom_it_was_done_to(values, kind, is_harm, expected):
    row = acled_row(**values)
    assert (row.kind, row.counts_as_harm, parts(row)) == (kind, is_harm, expected)


# -- Corrections ----------------------------------------------------------------------------------


@pytest.fixture
def analyst(member):
    return member(Role.ANALYST)


def stand(incident) -> dict[str, str]:
    return {row.actor.name: row.part for row in incident.parts.select_related("actor")}


def test_the_lone_side_of_a_tension_corrected_to_an_abduction_did_it(mission, place, band, analyst):
    incident = report_incident(
        user=analyst, mission=mission, kind="tension", start_date=mission.today,
        parts=[(band, "party")], longitude=20.0, latitude=5.0, place_precision="exact",
    )  # fmt: skip
    incident = edit_incident(incident, user=analyst, kind="abduction")
    assert stand(incident) == {"3R": "perpetrator"}
    (draft,) = propose_threats(mission)
    assert draft.title == "3R: reported violence against civilians in Ouham"
    incident = edit_incident(incident, user=analyst, kind="clash")
    assert stand(incident) == {"3R": "party"}
    assert propose_threats(mission) == []
    incident = edit_incident(incident, user=analyst, kind="killing", notes="More is known.")
    assert stand(incident) == {"3R": "perpetrator"}
    kept = edit_incident(incident, user=analyst, kind="abduction", parts=[(band, "party")])
    assert stand(kept) == {"3R": "party"}  # who says so knows better


def test_of_two_sides_nobody_is_picked_by_correcting_the_kind(mission, place, band, analyst):
    incident = happened(place, band, kind="clash")
    other = ArmedActorFactory(mission=mission, name="UPC")
    IncidentActorFactory(incident=incident, actor=other, part="party")
    incident = edit_incident(incident, user=analyst, kind="abduction")
    assert stand(incident) == {"3R": "party", "UPC": "party"}
    assert propose_threats(mission) == []


def test_what_was_disproved_stays_so_when_the_kind_is_corrected(mission, place, band, analyst):
    incident = happened(place, band, kind="killing", part="perpetrator")
    set_standard(user=analyst, link=incident.parts.get(), standard="disproved")
    for kind in ("clash", "abduction"):
        incident = edit_incident(incident, user=analyst, kind=kind)
        assert incident.parts.get().standard == "disproved"
    edit_incident(incident, user=analyst, parts=[])
    edit_incident(incident, user=analyst, parts=[(band, "perpetrator")])
    part = IncidentActor.objects.get(incident=incident)
    assert (part.standard, part.standard_set_by) == ("disproved", analyst)
    assert propose_threats(mission) == []


def test_the_form_turns_a_lone_side_and_says_when_it_can_blame_nobody(
    mission, place, band, analyst, signed_in
):
    incident = happened(place, band, kind="tension", place_name="Bossangoa")
    page = reverse("incident-edit", args=[mission.code, incident.pk])
    client = signed_in(analyst)

    def correct(**values) -> str:
        form = client.get(page).context["form"]
        said = {
            name: value for name in form.fields if (value := form[name].value()) not in (None, [])
        }
        answer = client.post(page, said | values, follow=True)
        assert answer.redirect_chain, answer.context["form"].errors
        return answer.content.decode()

    correct(kind="abduction")
    assert stand(incident) == {"3R": "perpetrator"}
    ArmedActorFactory(mission=mission, name="UPC")
    correct(kind="clash", other_actor="UPC")
    assert stand(incident) == {"3R": "party", "UPC": "party"}
    assert "without blame" in correct(kind="abduction")
    assert stand(incident) == {"3R": "party", "UPC": "party"}
    assert "without blame" not in correct(other_actor="")
    assert stand(incident) == {"3R": "perpetrator"}
