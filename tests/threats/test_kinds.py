"""Kinds of incident: what each is, who it harms, and what others call it."""

import csv

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from missions.choices import Role
from tests import saying
from tests.factories import AdminAreaFactory, ArmedActorFactory, IncidentFactory
from threats.choices import (
    FAMILY_OF,
    ActorFamily,
    ActorKind,
    GraveViolation,
    IncidentKind,
    ThreatKind,
)
from threats.models import Incident
from threats.rules.kinds import (
    AGAINST_CIVILIANS,
    DETAILS,
    GRAVE_KINDS,
    GROUPS,
    NO_EVIDENCE,
    ORGANISED_VIOLENCE,
    TABLE,
    WARNINGS,
    counterparts,
    grave_violation_of,
    grouped_choices,
    taken_from,
    threat_of,
)
from threats.rules.names import kind_of_actor
from threats.scoring.families import as_evidence
from threats.services.incidents import edit_incident, report_incident
from threats.services.proposals import propose_threats
from threats.sources.formats import acled, ucdp

# The kinds of evidence by hand: what a person in this work would say of each.
CIVILIANS = {
    "killing", "attack", "siege", "abduction", "arbitrary_detention", "enforced_disappearance",
    "torture", "sexual_violence", "child_rights_violation", "child_recruitment", "looting",
    "cattle_raiding", "extortion", "forced_displacement", "attack_on_school",
    "attack_on_health_care", "attack_on_aid", "own_forces",
}  # fmt: skip
OTHER_VIOLENCE = {
    "clash", "bombardment", "explosive_ordnance", "intercommunal", "attack_on_peacekeepers",
}  # fmt: skip
SIGNS = {"troop_movement", "tension", "hate_speech", "occupation", "denial_of_aid"}
NONE = {"unrest", "other", "exploitation"}
SIX = {
    "killing_maiming", "recruitment", "sexual_violence", "abduction", "schools_hospitals", "access",
}  # fmt: skip


def test_each_kind_says_whom_it_harms_and_what_it_is_evidence_of():
    assert CIVILIANS == AGAINST_CIVILIANS
    assert OTHER_VIOLENCE == ORGANISED_VIOLENCE - AGAINST_CIVILIANS
    assert (SIGNS, NONE) == (WARNINGS, NO_EVIDENCE)
    assert set(IncidentKind.values) == CIVILIANS | OTHER_VIOLENCE | SIGNS | NONE
    assert GRAVE_KINDS <= AGAINST_CIVILIANS


def test_a_kind_is_counted_by_the_risk_model_as_it_says(mission):
    area = AdminAreaFactory(mission=mission)
    for kind in IncidentKind.values:
        IncidentFactory(
            mission=mission, kind=kind, longitude=20.0, latitude=5.0, admin_area=area, notes="",
            place_name="", deaths_best=None, civilian_deaths=None,
        )  # fmt: skip
    counted = dict(
        as_evidence(Incident.objects.filter(mission=mission)).values_list("kind", "family_number")
    )
    expected = dict.fromkeys(CIVILIANS, 0) | dict.fromkeys(OTHER_VIOLENCE, 1)
    assert counted == expected | dict.fromkeys(SIGNS, 2)


def test_every_kind_stands_in_one_group_of_the_menu_in_both_languages():
    offered = [kind for _label, kinds in GROUPS for kind in kinds]
    assert sorted(offered) == sorted(IncidentKind.values)
    for language in ("en", "fr"):
        with translation.override(language):
            shown = [code for _group, kinds in grouped_choices() for code, _label in kinds]
            labels = [str(kind.label) for kind in IncidentKind]
        assert sorted(shown) == sorted(IncidentKind.values)
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("scheme", ["ucdp", "acled", "grave_violation"])
def test_every_kind_has_an_entry_in_the_table_of_crosswalks(scheme):
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    for kind in IncidentKind.values:
        mine = [row for row in rows if (row["kind"], row["scheme"]) == (kind, scheme)]
        assert mine, (kind, scheme)
        assert all(row["code"] for row in mine) or len(mine) == 1


def test_importers_take_their_kinds_from_the_table():
    assert {(code, kinds) for (code, _detail), kinds in taken_from("ucdp").items()} == {
        ("1", ("clash", "clash")), ("2", ("clash", "clash")), ("3", ("attack", "killing")),
    }  # fmt: skip
    assert set(ucdp.KINDS) == set(ucdp.TYPES.values())
    assert set(acled.KINDS) == {
        "Battles", "Explosions/Remote violence", "Violence against civilians", "Protests", "Riots",
        "Strategic developments",
    }  # fmt: skip
    assert acled.SUB_KINDS["Remote explosive/landmine/IED"][1] == "explosive_ordnance"
    assert acled.SUB_KINDS["Sexual violence"] == ("sexual_violence", "sexual_violence")
    assert acled.SUB_KINDS["Attack"] == ("attack", "killing")
    assert "Arrests" not in acled.SUB_KINDS  # it does not say that they were arbitrary
    details = [detail for (_event, detail) in taken_from("acled") if detail]
    assert len(set(details)) == len(details)


def test_the_six_grave_violations_are_told_apart(mission, member, api):
    assert set(GraveViolation.values) == SIX
    assert {row.code for row in counterparts() if row.scheme == "grave_violation"} - {""} == SIX
    client = api(member(Role.ANALYST))
    common = saying.INCIDENT | {
        "mission": mission.code,
        "start_date": str(mission.today),
        "longitude": 20,
        "latitude": 5,
    }

    def filed(**values) -> list[str]:
        return client.post("/api/v1/incidents/", common | values).json()["grave"]

    assert filed(kind="killing") == []
    assert filed(kind="killing", victims={"girls": 2}) == ["killing_maiming"]
    assert filed(kind="killing", victims={"women": 2, "boys": 0}) == []
    assert filed(kind="abduction", victims={"boys": 1}) == ["abduction"]
    assert filed(kind="sexual_violence", victims={"girls": 1}) == ["sexual_violence"]
    assert filed(kind="child_recruitment") == ["recruitment"]
    assert (
        filed(kind="attack_on_school")
        == filed(kind="attack_on_health_care")
        == ["schools_hospitals"]
    )
    assert filed(kind="denial_of_aid", victims={"girls": 9}) == ["access"]
    both = filed(kind="child_rights_violation", grave_violations=["recruitment", "abduction"])
    assert both == ["recruitment", "abduction"]
    for violation in GraveViolation:
        page = client.get(f"/api/v1/incidents/?grave_violation={violation}").json()["results"]
        found = {each["id"] for each in page}
        assert found == {
            i.pk for i in Incident.objects.filter(mission=mission) if violation in i.grave
        }, violation
        assert found


def test_grave_violations_come_with_thousands_of_rows_too(mission, member, api):
    client = api(member(Role.ANALYST))
    row = saying.INCIDENT | {
        "kind": "killing", "start_date": str(mission.today), "longitude": 20.0, "latitude": 5.0,
    }  # fmt: skip
    rows = [
        row | {"external_id": "1", "grave_violations": ["killing_maiming", "abduction"]},
        row | {"external_id": "2"},
        row | {"external_id": "3", "grave_violations": ["no such thing"]},
        row | {"external_id": "4", "kind": "exploitation", "notes": "What she said."},
    ]
    answer = client.post(
        f"/api/v1/incidents/bulk?mission={mission.code}&source=own&mode=keep_good", rows
    ).json()
    assert [line["status"] for line in answer["results"]] == [
        "created",
        "created",
        "refused",
        "refused",
    ]
    stored = dict(
        Incident.objects.filter(mission=mission).values_list("external_id", "grave_violations")
    )
    assert stored == {"1": ["killing_maiming", "abduction"], "2": []}


def test_of_sexual_exploitation_no_details_are_kept(mission, member, api, signed_in):
    analyst = member(Role.ANALYST)
    base = {
        "user": analyst,
        "mission": mission,
        "kind": "exploitation",
        "start_date": mission.today,
    }
    kept = report_incident(**base)
    assert not kept.against_civilians
    given = {
        "notes": "x", "victims": {"girls": 1}, "grave_violations": ["sexual_violence"],
        "civilian_deaths": 1, "injured": 1, "said_against_civilians": True, "place_name": "Bria",
        "longitude": 20.0, "deaths_low": 1, "deaths_best": 1, "deaths_high": 1, "abducted": 1,
        "displaced": 1,
    }  # fmt: skip
    assert set(given) == set(DETAILS)
    for name, value in given.items():
        beside = {"latitude": 5.0} if name == "longitude" else {}
        with pytest.raises(ValidationError, match="conduct and discipline") as refused:
            report_incident(**base, **{name: value}, **beside)
        assert name in refused.value.message_dict
    actor = ArmedActorFactory(mission=mission)
    with pytest.raises(ValidationError, match="conduct and discipline"):
        report_incident(**base, parts=[(actor, "perpetrator")])
    with pytest.raises(ValidationError, match="conduct and discipline"):
        report_incident(
            **base, source={"kind": "community"}, informant={"name": "N", "contact": ""}
        )
    told = report_incident(
        user=analyst, mission=mission, kind="killing", start_date=mission.today,
        parts=[(actor, "perpetrator")],
    )  # fmt: skip
    with pytest.raises(ValidationError, match="conduct and discipline"):
        edit_incident(told, user=analyst, kind="exploitation")
    assert Incident.objects.filter(kind="exploitation").get() == kept
    assert api(analyst).patch(f"/api/v1/incidents/{kept.pk}/", {"notes": "x"}).status_code == 400
    page = signed_in(analyst).get(kept.get_absolute_url()).content.decode()
    assert "conduct and discipline team" in page


def test_the_form_says_where_exploitation_is_referred_and_keeps_nothing(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    page = reverse("incident-report", args=[mission.code])
    assert "It is referred to the conduct and discipline team" in client.get(page).content.decode()
    form = {
        "kind": "exploitation", "start_date": str(mission.today), "date_precision": "day",
        "time_of_day": "unknown", "place_precision": "exact", "classification": "2",
        "source_kind": "own_staff", "reliability": "F", "credibility": "6",
    }  # fmt: skip
    more = {"notes": "What she said.", "place_name": "Bria", "informant_name": "A"}
    shown = client.post(page, form | more).content.decode()
    assert shown.count("No details of sexual exploitation or abuse are kept here.") >= len(more)
    assert not Incident.objects.filter(mission=mission).exists()
    assert client.post(page, form).status_code == 302
    assert Incident.objects.get(mission=mission).place_precision == "country"


def test_sides_of_intercommunal_violence_are_blamed_for_nothing(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    form = {
        "kind": "intercommunal", "start_date": str(mission.today), "date_precision": "day",
        "time_of_day": "unknown", "longitude": "20.5", "latitude": "5.5", "civilian_deaths": "3",
        "place_precision": "exact", "classification": "0", "source_kind": "patrol",
        "reliability": "A", "credibility": "1", "perpetrator": "One", "other_actor": "Two",
        "new_actor": "on",
    }  # fmt: skip
    client.post(reverse("incident-report", args=[mission.code]), form)
    incident = Incident.objects.get(mission=mission)
    assert incident.against_civilians
    assert set(incident.parts.values_list("part", flat=True)) == {"party"}


@pytest.mark.parametrize(
    ("kinds", "threat"),
    [
        (["killing", "attack"], "attacks"),
        (["arbitrary_detention", "torture"], "detention"),
        (["explosive_ordnance"], "ordnance"),
        (["child_recruitment"], "child_rights"),
        (["cattle_raiding", "looting"], "looting"),
        (["forced_displacement"], "displacement"),
        (["torture", "killing"], "attacks"),
    ],
)
def test_a_draft_is_of_the_kind_its_evidence_is(mission, kinds, threat):
    area = AdminAreaFactory(mission=mission)
    actor = ArmedActorFactory(mission=mission, kind="state_forces")
    for kind in kinds:
        incident = IncidentFactory(
            mission=mission, kind=kind, admin_area=area, start_date=mission.today,
            end_date=mission.today, said_against_civilians=True,
        )  # fmt: skip
        incident.parts.create(actor=actor, part="perpetrator")
    assert threat_of(kinds) == threat
    for _again in range(2):
        drafts = propose_threats(mission)
        assert [(d.kind, list(d.perpetrators.all())) for d in drafts] == [(threat, [actor])]
        assert "reported" in drafts[0].title


def test_every_kind_of_threat_that_evidence_makes_is_one():
    assert {threat_of([kind]) for kind in IncidentKind.values} <= set(ThreatKind.values)
    assert {"ordnance", "detention", "state_forces", "crossfire", "intercommunal"} <= set(
        ThreatKind.values
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Wagner Group", "private_military"),
        ("Wagner", "private_military"),
        ("PMC Wagner (Russia)", "private_military"),
        ("Groupe Wagner", "private_military"),
        ("Private Security Forces (Mali)", "private_military"),
        ("Wagnerites Youth", "non_state_armed_group"),
        ("Police Forces of Sudan (2019-)", "police"),
        ("Gendarmerie nationale", "police"),
        ("Police nationale congolaise", "police"),
        ("Military Forces of Chad", "state_forces"),
        ("Government of Police State", "state_forces"),
        ("Central Reserve Police", "police"),
        ("UN forces", "un_forces"),
        ("MINUSCA: United Nations Multidimensional Integrated Stabilization Mission", "un_forces"),
        ("United Nations Mission in South Sudan", "un_forces"),
        ("United Nations Liberation Front", "non_state_armed_group"),
        ("Seleka militia", "militia"),
    ],
)
def test_names_say_a_kind_only_beyond_mistaking(name, kind):
    assert kind_of_actor(name) == kind


def test_acled_says_who_acts_outside_its_own_state():
    def kind(name, inter):
        ((actor, _part),) = acled._side("actor1", name, inter, "party")
        return actor.kind

    assert kind("Military Forces of Rwanda (2000-)", "8") == "foreign_forces"
    assert kind("Military Forces of Rwanda (2000-)", "1") == "state_forces"
    assert kind("Wagner Group", "8") == "private_military"
    assert kind("Police Forces of Mali (2020-)", "1") == "police"


def test_each_kind_of_actor_is_of_a_family_or_may_be_any():
    assert set(FAMILY_OF) == set(ActorKind.values) - {"unknown"}
    assert [kind for kind, family in FAMILY_OF.items() if family == ActorFamily.STATE] == [
        "state_forces", "police", "foreign_forces", "private_military",
    ]  # fmt: skip
    assert FAMILY_OF["un_forces"] == ActorFamily.UN


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_of_kinds_shows_the_table(client, db, language):
    assert reverse("crosswalks") in client.get(reverse("about")).content.decode()
    with translation.override(language):  # a request leaves its language active
        page = client.get(reverse("crosswalks"), headers={"accept-language": language})
    shown = page.content.decode()
    for kind in IncidentKind:
        assert f"<code>{kind.value}</code>" in shown
    assert "<strong>Explosions/Remote violence: Remote explosive/landmine/IED</strong>" in shown
    for kind in IncidentKind:
        violation, _of_children = grave_violation_of(kind)
        if violation:
            with translation.override(language):
                assert str(violation.label) in shown
