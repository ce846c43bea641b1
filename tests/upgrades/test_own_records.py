"""What people had filed in 0.1.0 upgrades: rows its demonstration had none of, with the right values."""

import datetime
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from strategies.models import Activity
from tests.upgrades.dumps import FOLDER, restore, upgrading
from threats.models import Alert, Incident, RecomputeRequest, Threat

MISSION = "(SELECT id FROM missions_mission)"
WHEN = "2026-11-25 08:50+00"  # when all of it was filed


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def insert(table: str, **values) -> int:
    common = {"created_at": WHEN, "modified_at": WHEN, "withdrawn_reason": "", "mission_id": 1}
    row = common | values
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"
            " RETURNING id",
            list(row.values()),
        )
        return cursor.fetchone()[0]


def report(grades=(), *, merged_into=None, dataset="", informant=None, **values) -> int:
    """An incident as 0.1.0 stored it; ``grades``: of its sources."""
    stored = {
        "classification": 0, "is_demonstration": False, "admin_area_is_nearest": False,
        "kind": "killing", "against_civilians": True, "start_date": "2022-12-20",
        "end_date": "2022-12-20", "time_of_day": "", "date_precision": "day", "place_name": "Bria",
        "place_precision": "exact", "victims": "{}", "notes": "", "attribution": "",
        "dataset": dataset, "external_id": f"{dataset}-own" if dataset else "",
        "edited_by_hand": False, "merged_into_id": merged_into,
        "withdrawn_at": WHEN if merged_into else None,
    }  # fmt: skip
    made = insert("threats_incident", **(stored | values))
    for reliability, credibility in grades:
        insert(
            "threats_incidentsource", kind="community", reliability=reliability,
            credibility=credibility, incident_id=made, informant_id=informant,
        )  # fmt: skip
    return made


def alert(
    received: str, *steps: tuple[str, str], recorded: str = "", informant: int | None = None
) -> int:
    """An alert as 0.1.0 stored it, its steps by what they set; ``recorded``: of the first step."""
    moments = {f"{step}_at": taken for step, taken in steps}
    made = insert(
        "threats_alert", classification=0, is_demonstration=False, admin_area_is_nearest=False,
        kind="attack", imminence="days", details="Armed men on the road.", received_at=received,
        mission_day="2022-12-31", place_name="", place_precision="exact", source_kind="community",
        reliability="B", credibility=2, verification="", decision="",
        stage=steps[-1][0] if steps else "received", informant_id=informant, **moments,
    )  # fmt: skip
    for step, taken in (("received", recorded or received), *steps):
        insert("threats_alertstep", step=step, taken_at=taken, note="", alert_id=made)
    return made


@pytest.fixture(scope="module")
def upgraded(django_db_setup, django_db_blocker):
    """What stands after the upgrade."""
    settings = connection.settings_dict
    f6, b2 = [("F", 6)], [("B", 2)]
    with upgrading(django_db_blocker) as name, django_db_blocker.unblock():
        restore(
            FOLDER / "demo-0.1.0.dump", host=str(settings["HOST"]), user=settings["USER"],
            database=name,
        )  # fmt: skip
        reports = {
            "f6": report(f6), "b2": report(b2), "told_by_dataset": report(f6),
            "told_by_secret": report(f6), "told_at_last": report(f6),
            "told_by_f6": report(f6),
            "clash": report(kind="clash", against_civilians=False, civilian_deaths=12),
            "said": report(kind="tension", against_civilians=True),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(id) FROM missions_user")
            (author,) = cursor.fetchone()
        informant = insert(
            "threats_informant", code="ABCDEFGH", name="", contact="", created_by_id=author
        )
        reports["sealed"] = report(b2, informant=informant)
        report(dataset="ucdp", merged_into=reports["told_by_dataset"])
        report(b2, classification=2, merged_into=reports["told_by_secret"])
        middle = report(f6, merged_into=reports["told_at_last"])
        report(b2, merged_into=middle)
        report(f6, merged_into=reports["told_by_f6"])
        alerts = {
            "past": alert(
                "2022-12-20 07:15+00", ("acknowledged", "2026-11-25 09:00+00"),
                ("reported_back", "2026-11-26 08:30+00"), ("closed", "2026-11-26 10:00+00"),
            ),
            "now": alert("2026-11-25 08:50+00", ("acknowledged", "2026-11-25 09:10+00")),
            "corrected": alert(
                "2022-12-20 07:15+00", ("acknowledged", "2026-11-25 09:00+00"),
                recorded="2026-11-25 08:50+00",
            ),
            "sealed": alert("2026-11-25 08:50+00", informant=informant),
        }  # fmt: skip
        call_command("migrate", verbosity=0, interactive=False)
        with translation.override("fr"):
            french = [threat.shown_title for threat in Threat.objects.all()]
            activities = [activity.shown_title for activity in Activity.objects.all()]
        yield SimpleNamespace(
            reports={key: Incident.objects.get(pk=pk) for key, pk in reports.items()},
            alerts={key: Alert.objects.get(pk=pk) for key, pk in alerts.items()},
            steps={
                key: list(Alert.objects.get(pk=pk).steps.order_by("pk"))
                for key, pk in alerts.items()
            },
            requests=set(RecomputeRequest.objects.values_list("scope", flat=True)),
            threats={
                threat.title: (
                    threat.kind, {str(it) for it in threat.perpetrators.all()},
                    {str(it) for it in threat.parties.all()},
                )
                for threat in Threat.objects.current()
            },
            french=french, activities=activities,
            english={activity.title for activity in Activity.objects.all()},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("which", "awaits"),
    [("f6", True), ("b2", False), ("told_by_dataset", False), ("told_by_secret", True),
     ("told_at_last", False), ("told_by_f6", True)],
)  # fmt: skip
def test_a_report_into_which_one_that_counts_was_merged_counts(upgraded, which, awaits):
    assert upgraded.reports[which].awaits_verification == awaits
    assert {"whole", "history"} <= upgraded.requests


def test_the_one_rule_of_harm_holds_for_own_reports_of_before(upgraded):
    clash, said = upgraded.reports["clash"], upgraded.reports["said"]
    assert (clash.against_civilians, clash.said_against_civilians) == (True, None)
    assert (said.against_civilians, said.said_against_civilians) == (True, True)


@pytest.mark.parametrize("which", ["past", "corrected"])
def test_an_alert_received_on_a_past_day_of_the_mission_stays_there(upgraded, which):
    alert, steps = upgraded.alerts[which], upgraded.steps[which]
    assert alert.received_at == steps[0].taken_at == at("2022-12-20 07:15+00:00")
    assert alert.mission_day == datetime.date(2022, 12, 20)
    assert alert.acknowledged_at == steps[1].taken_at == at("2022-12-31 09:00+00:00")
    assert steps[1].recorded_at == at("2026-11-25 09:00+00:00")
    assert steps[0].recorded_after == at("2022-12-31 08:50+00:00") - alert.received_at


def test_steps_of_later_days_lie_on_the_missions_day_in_their_order(upgraded):
    alert = upgraded.alerts["past"]
    assert alert.reported_back_at == at("2022-12-31 09:00+00:00")  # never before the step before it
    assert alert.closed_at == at("2022-12-31 10:00+00:00")


def test_an_alert_received_as_it_was_filed_moved_with_the_mission(upgraded):
    alert = upgraded.alerts["now"]
    assert alert.received_at == at("2022-12-31 08:50+00:00")
    assert alert.acknowledged_at == at("2022-12-31 09:10+00:00")
    assert alert.mission_day == datetime.date(2022, 12, 31)


def test_no_title_accuses_without_saying_that_it_is_reported(upgraded):
    assert len(upgraded.french) == 21
    assert [title for title in upgraded.threats if "reported" not in title] == []
    assert [title for title in upgraded.french if "signal" not in title] == []


def test_who_was_only_a_side_is_accused_no_more(upgraded):
    accused = {title: names for title, (_kind, names, _sides) in upgraded.threats.items() if names}
    state = "Government of Central African Republic"
    assert f"{state}: reported violence against civilians in Mbomou" not in accused
    fighting = {
        title: sides
        for title, (kind, names, sides) in upgraded.threats.items()
        if kind == "crossfire" and not names
    }
    (sides,) = (
        sides for title, sides in fighting.items() if "Mbomou" in title and "Haut" not in title
    )
    assert state in sides
    # The other draft that rested on the same fighting alone says nothing more.
    assert len(accused) + len(fighting) == len(upgraded.threats) == 20


def test_the_demonstrations_activities_are_named_as_the_catalogue_names_them(upgraded):
    assert len(upgraded.activities) == 58
    assert "Agreement on the release of children and a place to receive them (Ouaka)" in (
        upgraded.english
    )
    assert not {title for title in upgraded.activities if title in upgraded.english}


def test_what_names_an_informant_is_open_to_nobody_below_confidential(upgraded):
    assert upgraded.reports["sealed"].classification == 1
    assert upgraded.alerts["sealed"].classification == 1
    assert upgraded.reports["b2"].classification == 0
    assert upgraded.alerts["now"].classification == 0
