"""One rule of harm to civilians, whatever source told of it."""

import csv
import itertools

import pytest
from django.urls import reverse

from missions.choices import Role
from tests import saying
from tests.factories import IncidentFactory
from threats.choices import IncidentKind
from threats.models import Incident
from threats.services.incidents import edit_incident, report_incident
from threats.sources.formats import acled, ucdp
from threats.sources.loader import import_incidents

OTHERS = ("clash", "bombardment", "unrest", "other")


def counted_slowly(incident: Incident) -> bool:
    """The rule in plain words: the twin of ``threats.rules.harm``."""
    if incident.civilian_deaths is not None and incident.civilian_deaths >= 1:
        return True
    if incident.said_against_civilians is not None:
        return incident.said_against_civilians
    if incident.injured is not None and incident.injured >= 1:
        return True
    return incident.kind in {
        "killing", "attack", "abduction", "sexual_violence", "child_rights_violation", "looting",
        "forced_displacement", "siege", "arbitrary_detention", "enforced_disappearance", "torture",
        "child_recruitment", "cattle_raiding", "extortion", "attack_on_school",
        "attack_on_health_care", "attack_on_aid", "own_forces",
    }  # fmt: skip


def test_every_combination_counts_as_its_slow_twin_says(mission):
    for kind, deaths, injured, said in itertools.product(
        IncidentKind.values, (None, 0, 1, 12), (None, 0, 3), (None, True, False)
    ):
        incident = Incident(
            mission=mission, kind=kind, civilian_deaths=deaths, injured=injured,
            said_against_civilians=said, start_date=mission.today, end_date=mission.today,
        )  # fmt: skip
        incident.save()
        assert incident.against_civilians == counted_slowly(incident), (kind, deaths, injured, said)


def test_the_demonstration_counts_as_the_slow_twin_says(demo):
    found = list(Incident.objects.filter(mission=demo))
    assert [i.pk for i in found if i.against_civilians != counted_slowly(i)] == []


@pytest.mark.parametrize("kind", OTHERS)
def test_twelve_dead_civilians_count_whatever_the_kind(mission, member, signed_in, api, kind):
    """A clash, shelling, riot or other report with 12 civilian deaths graded A1 counted nowhere."""
    analyst = member(Role.ANALYST)
    own = report_incident(
        user=analyst, mission=mission, kind=kind, start_date=mission.today, deaths_best=12,
        civilian_deaths=12, source={"kind": "patrol", "reliability": "A", "credibility": 1},
    )  # fmt: skip
    assert own.against_civilians
    body = saying.INCIDENT | {
        "kind": kind, "start_date": str(mission.today), "longitude": 20.5, "latitude": 5.5,
        "civilian_deaths": 12,
    }  # fmt: skip
    answer = api(analyst).post("/api/v1/incidents/", body | {"mission": mission.code})
    assert answer.json()["against_civilians"] is True, answer.content
    rows = [body | {"external_id": "1"}, body | {"external_id": "2", "injured": 1.0}]
    answer = api(analyst).post(f"/api/v1/incidents/bulk?mission={mission.code}&source=own", rows)
    assert answer.status_code == 200
    assert all(Incident.objects.filter(dataset="own").values_list("against_civilians", flat=True))
    form = {
        "kind": kind, "start_date": str(mission.today), "date_precision": "day",
        "time_of_day": "unknown", "longitude": "20.5", "latitude": "5.5",
        "place_precision": "exact", "civilian_deaths": "12", "classification": "0",
        "source_kind": "patrol", "reliability": "A", "credibility": "1",
    }  # fmt: skip
    page = signed_in(analyst).post(
        reverse("incident-report", args=[mission.code]), form, follow=True
    )
    assert "It counts as harm to civilians." in page.content.decode()
    assert all(Incident.objects.filter(mission=mission).values_list("against_civilians", flat=True))
    assert Incident.objects.filter(mission=mission).count() == 5


def test_the_reporter_may_say_otherwise_but_not_of_the_dead(mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    form = {
        "kind": "clash", "start_date": str(mission.today), "date_precision": "day",
        "time_of_day": "unknown", "longitude": "20.5", "latitude": "5.5",
        "place_precision": "exact", "classification": "0", "source_kind": "patrol",
        "reliability": "A", "credibility": "1",
    }  # fmt: skip
    page = reverse("incident-report", args=[mission.code])
    shown = client.get(page).content.decode()
    assert 'name="against_civilians"' in shown
    assert "It will count as harm to civilians." in shown
    for values, counts in (
        ({}, False),
        ({"injured": "3"}, True),
        ({"injured": "3", "against_civilians": "no"}, False),
        ({"against_civilians": "yes"}, True),
        ({"kind": "looting", "against_civilians": "no"}, False),
        ({"kind": "looting"}, True),
    ):
        client.post(page, form | values)
        assert Incident.objects.latest("pk").against_civilians == counts, values
    before = Incident.objects.count()
    answer = client.post(page, form | {"civilian_deaths": "1", "against_civilians": "no"})
    assert "With civilian deaths it counts" in answer.content.decode()
    assert Incident.objects.count() == before


def test_what_was_read_and_is_sent_back_says_nothing(mission, member, api):
    client = api(member(Role.ANALYST))
    clash = IncidentFactory(mission=mission, kind="clash")
    assert not clash.against_civilians
    address = f"/api/v1/incidents/{clash.pk}/"
    client.patch(address, {"against_civilians": False, "notes": "A market day."})
    answer = client.patch(address, {"civilian_deaths": 2}).json()
    assert (answer["against_civilians"], answer["said_against_civilians"]) == (True, None)
    assert client.patch(address, {"civilian_deaths": None}).json()["against_civilians"] is False
    answer = client.patch(address, {"against_civilians": True}).json()
    assert (answer["against_civilians"], answer["said_against_civilians"]) == (True, True)
    assert client.patch(address, {"against_civilians": None}).json()["against_civilians"] is False


def test_a_correction_counts_anew(mission, member):
    analyst = member(Role.ANALYST)
    clash = IncidentFactory(mission=mission, kind="clash")
    assert edit_incident(clash, user=analyst, civilian_deaths=4).against_civilians
    assert not edit_incident(clash, user=analyst, civilian_deaths=0).against_civilians


def acled_row(**values) -> dict:
    return {
        "event_id_cnty": "CAF1", "event_date": "2022-11-02", "time_precision": "1",
        "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "A", "inter1": "2",
        "actor2": "B", "inter2": "2", "civilian_targeting": "", "location": "Bria",
        "latitude": "6.5", "longitude": "21.9", "geo_precision": "1", "source": "S", "notes": "",
        "fatalities": "3",
    } | values  # fmt: skip


def test_acled_and_ucdp_count_by_the_same_rule():
    def read(**values):
        return acled.record(tuple(acled_row(**values)[name] for name in acled.COLUMNS))

    assert not read().counts_as_harm
    assert read(civilian_targeting="Civilian targeting").counts_as_harm
    assert read(event_type="Violence against civilians").counts_as_harm
    assert read(
        event_type="Strategic developments", sub_event_type="Looting/property destruction"
    ).counts_as_harm


def test_known_harm_of_a_file_is_counted_once(mission, tmp_path):
    path = tmp_path / "acled.csv"
    rows = [acled_row(), acled_row(event_id_cnty="CAF2", civilian_targeting="Civilian targeting")]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for _again in range(2):
        import_incidents(mission=mission, path=path, format_name="acled")
    stored = Incident.objects.filter(mission=mission).order_by("external_id")
    assert [(i.against_civilians, i.said_against_civilians) for i in stored] == [
        (False, None), (True, True),
    ]  # fmt: skip
    assert ucdp.FORMAT.dataset == "ucdp"
