"""Titles the portal makes are codes, in the words of whoever reads; a person's words stay theirs."""

import csv
import datetime
import importlib
import io
import json

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import translation
from rest_framework import serializers

from exchange.intake.answers import Answers
from missions.choices import ComponentKind, Role
from records.bulk.writer import Refused
from records.search import search
from records.titles import made_title
from strategies.models import Activity, CatalogueActivity, Meeting
from strategies.models.titles import typical_title
from strategies.services.activities import edit_activity, plan_activity, plan_from_catalogue
from strategies.services.meetings import call_meeting
from tests.factories import (
    ActivityFactory,
    AdminAreaFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    ComponentFactory,
    ThreatFactory,
)
from threats.models import Threat
from threats.models.titles import TITLE_FORMS
from threats.services.threats import edit_threat
from threats.services.titles import draft_title

ENGLISH = "FPRC, MPC and UPC: reported violence against civilians in Ouaka"
FRENCH = "FPRC, MPC et UPC : violences signalées contre des civils, Ouaka"


@pytest.fixture
def draft(mission):
    return ThreatFactory(mission=mission, **draft_title("attacks", ["FPRC", "MPC", "UPC"], "Ouaka"))


def _plain(text: str) -> str:
    """Without the spaces that do not break."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


def in_french(client, address: str, **values):
    return client.get(address, values, headers={"Accept-Language": "fr"})


def rows_of(answer) -> list[dict]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_drafts_title_is_in_the_readers_language(draft):
    assert (str(draft), draft.title) == (ENGLISH, ENGLISH)
    with translation.override("fr"):
        assert _plain(str(draft)) == FRENCH
    with translation.override("fr-ca"):
        assert _plain(str(draft)) == FRENCH
    assert str(draft) == ENGLISH


@pytest.mark.parametrize("form", TITLE_FORMS)
def test_the_database_puts_every_form_in_the_words_that_python_does(mission, form):
    for names in (["A"], ["A", "B"], ["A 100% %s", "B", "C"]):
        values = {"names": names, "n": 3, "area": "Ouaka", "place": "Bria"}
        threat = ThreatFactory(mission=mission, **made_title(TITLE_FORMS, form, **values))
        for language in ("en", "fr"):
            with translation.override(language):
                found = Threat.objects.annotate(said=Threat.shown_as["title"]("")).get(pk=threat.pk)
                assert found.said == found.shown_title
                assert form == "around" or "Ouaka" in found.said


def test_the_database_reads_an_entry_of_the_catalogue_as_python_does(mission):
    entry = CatalogueActivity.objects.first()
    for place in ("", "Ouaka"):
        activity = ActivityFactory(mission=mission, **typical_title(entry, place))
        with translation.override("fr"):
            found = Activity.objects.annotate(said=Activity.shown_as["title"]("")).get(
                pk=activity.pk
            )
            assert found.said == found.shown_title
            assert found.said.startswith(entry.titles["fr"])
    gone = made_title(Activity.title_forms, "typical", entry="no-longer-there")
    activity = ActivityFactory(mission=mission, **gone | {"title": "As it was"})
    with translation.override("fr"):
        found = Activity.objects.annotate(said=Activity.shown_as["title"]("")).get(pk=activity.pk)
        assert (found.said, str(found)) == ("As it was", "As it was")


def test_what_is_made_of_more_than_a_title_holds_is_counted(mission):
    names = [f"A rather long name of an armed group {number}" for number in range(9)]
    made = draft_title("crossfire", names, "Ouaka")
    assert made["title"].startswith("Fighting between 9 sides, civilians reported killed")


def test_pages_files_and_the_api_say_it_in_the_readers_language(
    draft, mission, member, signed_in, api
):
    reader = member(Role.ANALYST)
    client, programme = signed_in(reader), api(reader)
    title = str(_read(draft, "fr"))
    register = reverse("threat-list", args=[mission.code])
    for address in (register, draft.get_absolute_url()):
        page = in_french(client, address).content.decode()
        assert title in page
        assert "reported violence" not in page
    (row,) = rows_of(in_french(client, register, format="csv"))
    assert title in row.values()
    (listed,) = in_french(programme, "/api/v1/threats/").json()["results"]
    one = in_french(programme, f"/api/v1/threats/{draft.pk}/").json()
    assert (listed["title"], one["title"]) == (title, title)
    (listed,) = programme.get("/api/v1/threats/").json()["results"]
    assert listed["title"] == ENGLISH
    (row,) = rows_of(in_french(programme, "/api/v1/threats/", format="csv"))
    assert row["title"] == title


def _read(record, language: str) -> str:
    with translation.override(language):
        return str(record)


def test_it_is_found_and_sorted_by_the_words_it_is_read_in(draft, mission, member, signed_in):
    reader = member(Role.ANALYST)
    client = signed_in(reader)
    for text in ("violences signalées ouaka", "violence reported", "ouaka"):
        with translation.override("fr"):
            (found,) = search(mission, reader, text)
        assert [_plain(hit.title) for hit in found.hits] == [FRENCH]
    assert search(mission, reader, "violences signalées") == []
    register = reverse("threat-list", args=[mission.code])
    assert "FPRC" in in_french(client, register, q="signalées contre").content.decode()
    feared = ThreatFactory(
        mission=mission, **made_title(TITLE_FORMS, "crossfire", names=["Z"], area="A")
    )
    later = ThreatFactory(mission=mission, title="Dans la ville")
    page = in_french(client, register, sort="title").content.decode()
    order = [page.index(f'/{one.pk}/"') for one in (feared, later, draft)]  # Combats, Dans, FPRC
    assert order == sorted(order)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_form_saved_as_it_was_leaves_the_title_the_portals(draft, member, mission, language):
    analyst = member(Role.ANALYST)
    said = _read(draft, language)
    kept = edit_threat(draft, user=analyst, title=said, motive="Tax on the road")
    assert (kept.title, kept.title_made_of) == (ENGLISH, draft.title_made_of)


def test_the_form_shows_the_title_in_the_readers_language(draft, mission, member, signed_in):
    client = signed_in(member(Role.ANALYST))
    page = in_french(client, reverse("threat-edit", args=[mission.code, draft.pk]))
    assert _plain(page.context["form"]["title"].value()) == FRENCH


def test_a_title_a_person_types_is_the_persons_in_every_language(draft, member):
    kept = edit_threat(draft, user=member(Role.ANALYST), title="Convoys towards Ippy")
    assert kept.title_made_of == {}
    assert _read(kept, "fr") == "Convoys towards Ippy"


def test_an_activity_from_the_catalogue_speaks_the_readers_language(mission, member):
    planner, threat = member(Role.PLANNER), ThreatFactory(mission=mission)
    entry = CatalogueActivity.objects.filter(cautions=[], perpetrators=[], threat_kinds=[]).first()
    lead = ComponentFactory(mission=mission, kind=entry.components[0])
    with translation.override("fr"):
        activity = plan_from_catalogue(user=planner, threat=threat, entry=entry)
        assert str(activity) == entry.titles["fr"]
    assert (str(activity), activity.title_made_of["entry"]) == (entry.titles["en"], entry.code)
    dates = {"start": mission.today, "due": mission.today}
    filled = {"lead_component": lead, "tier": entry.tier, "phase": entry.phase, **dates}
    by_form = plan_activity(
        user=planner, mission=mission, typical=entry, title=entry.titles["fr"], **filled
    )
    assert _read(by_form, "en") == entry.titles["en"]
    own = plan_activity(user=planner, mission=mission, typical=entry, title="Night walk", **filled)
    assert (own.title, own.title_made_of) == ("Night walk", {})
    moved = edit_activity(activity, user=planner, title="Ours now")
    assert _read(moved, "fr") == "Ours now"


def test_the_answer_to_an_alert_is_titled_by_its_kind_and_place(mission, member, signed_in):
    planner = member(Role.PLANNER)
    lead = ComponentFactory(mission=mission, kind=ComponentKind.MILITARY)
    alert = AlertFactory(mission=mission, kind="attack", place_name="Bria", classification=0)
    client = signed_in(planner)
    address = reverse("activity-add", args=[mission.code]) + f"?alert={alert.pk}"
    form = in_french(client, address).context["form"]
    assert _plain(form["title"].value()) == "Réponse à l’alerte : Attaque · Bria"
    answer = client.post(
        address,
        {
            "title": form["title"].value(), "tier": 2, "phase": "response", "alerts": [alert.pk],
            "lead_component": lead.pk, "status": "planned", "start": mission.today.isoformat(),
            "due": (mission.today + datetime.timedelta(days=1)).isoformat(), "classification": 0,
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    assert str(Activity.objects.get(alerts=alert)) == "Response to the alert: Attack · Bria"


def test_a_threat_filed_about_a_place_is_titled_by_the_place(mission, member, signed_in):
    place = CommunityFactory(mission=mission, name="Ndélé")
    address = reverse("threat-report", args=[mission.code]) + f"?community={place.pk}"
    client = signed_in(member(Role.ANALYST))
    form = in_french(client, address).context["form"]
    values = {"kind": "attacks", "phase": "preemption", "classification": 0}
    client.post(address, values | {"title": form["title"].value(), "communities": "Ndélé"})
    assert str(Threat.objects.get(mission=mission)) == (
        "Violence against civilians in and around Ndélé"
    )


def test_the_usual_meeting_is_named_in_the_readers_language(mission, member):
    meeting = call_meeting(
        user=member(Role.PLANNER), mission=mission, title="Groupe de travail POC", day=mission.today
    )
    assert (meeting.title, _read(meeting, "fr")[:21]) == (
        "POC working group", "Groupe de travail POC",
    )  # fmt: skip


class TestUpgrade:
    """Titles stored before are recognised where they are exactly the portal's."""

    def recognise(self, app: str, name: str) -> None:
        module = importlib.import_module(f"{app}.migrations.{name}")
        module.recognise(apps, None)

    def old(self, mission, title: str, **values) -> Threat:
        threat = ThreatFactory(mission=mission, title=title, **values)
        Threat.objects.filter(pk=threat.pk).update(created_by=None)
        return threat

    @pytest.fixture
    def area(self, mission):
        return AdminAreaFactory(mission=mission, name="Ouaka")

    @pytest.fixture
    def sides(self, mission):
        return [ArmedActorFactory(mission=mission, name=name) for name in ("FPRC", "MPC")]

    @pytest.mark.parametrize(
        ("kind", "names", "form", "english", "french"),
        [
            ("attacks", 1, "attacks", "FPRC: reported violence against civilians in Ouaka",
             "FPRC : violences signalées contre des civils, Ouaka"),
            ("attacks", 0, "feared",
             "Violence against civilians to be feared in Ouaka, no perpetrator reported",
             "Violences contre les civils à craindre à Ouaka, aucun auteur signalé"),
            ("crossfire", 2, "crossfire_between",
             "Fighting between FPRC and MPC, civilians reported killed or injured in Ouaka",
             "Combats entre FPRC et MPC, civils signalés tués ou blessés, Ouaka"),
            ("intercommunal", 2, "intercommunal_between",
             "Intercommunal violence reported between FPRC and MPC in Ouaka",
             "Violences intercommunautaires signalées entre FPRC et MPC, Ouaka"),
        ],
    )  # fmt: skip
    def test_of_a_draft(self, mission, area, sides, kind, names, form, english, french):
        for title in (english, french):
            threat = self.old(mission, title, kind=kind, admin_area=area)
            linked = threat.perpetrators if kind == "attacks" else threat.parties
            linked.set(sides[:names])
            self.recognise("threats", "0014_made_titles")
            threat.refresh_from_db()
            assert (threat.title, threat.title_made_of["form"]) == (english, form)
            assert made_title(TITLE_FORMS, **threat.title_made_of)["title"] == english

    def test_a_persons_words_are_nobody_elses(self, mission, area, sides, member):
        edited = self.old(mission, "FPRC: violence in Ouaka", kind="attacks", admin_area=area)
        edited.perpetrators.set(sides[:1])
        filed = ThreatFactory(
            mission=mission, kind="attacks", admin_area=area, created_by=member(Role.ANALYST),
            title="FPRC: reported violence against civilians in Ouaka",
        )  # fmt: skip
        filed.perpetrators.set(sides[:1])
        self.recognise("threats", "0014_made_titles")
        assert not Threat.objects.filter(mission=mission).exclude(title_made_of={}).exists()

    def test_of_an_activity_and_a_meeting(self, mission, area):
        entry = CatalogueActivity.objects.first()
        threat = ThreatFactory(mission=mission, admin_area=area)
        cell = {"mission": mission, "tier": entry.tier, "phase": entry.phase}
        plain = ActivityFactory(title=entry.titles["fr"], **cell)
        placed = ActivityFactory(title=f"{entry.titles['en']} (Ouaka)", **cell)
        placed.threats.add(threat)
        own = ActivityFactory(title=f"{entry.titles['en']} twice", **cell)
        meeting = Meeting.objects.create(
            mission=mission, title="POC working group", day=mission.today,
            created_by=own.created_by,
        )  # fmt: skip
        self.recognise("strategies", "0006_made_titles")
        for record in (plain, placed, own, meeting):
            record.refresh_from_db()
        assert _read(plain, "en") == entry.titles["en"]
        assert _read(placed, "fr") == f"{entry.titles['fr']} (Ouaka)"
        assert own.title_made_of == {}
        assert meeting.title_made_of == {"form": "working_group"}


def test_no_person_of_a_demonstration_typed_its_drafts_and_plans(demo):
    drafts = Threat.objects.filter(mission=demo)
    plans = Activity.objects.filter(mission=demo, alerts=None)
    assert drafts.exists()
    assert plans.exists()
    for record in [*drafts, *plans]:
        assert record.title_made_of, json.dumps(record.title)


def test_a_lists_column_of_titles_is_named_in_the_readers_language(
    draft, mission, member, signed_in
):
    client = signed_in(member(Role.PLANNER))
    for address in ("threat-list", "activity-list", "meeting-list"):
        ActivityFactory(mission=mission)
        call_meeting(user=member(Role.PLANNER), mission=mission, title="A", day=mission.today)
        (row, *_others) = rows_of(
            in_french(client, reverse(address, args=[mission.code]), format="csv")
        )
        assert "Titre" in row


def test_the_api_finds_a_made_title_by_the_words_it_shows(draft, mission, member, api):
    ThreatFactory(mission=mission, title="Convoys towards Ippy")
    programme = api(member(Role.ANALYST))

    def found(text, language):
        answer = programme.get(
            "/api/v1/threats/", {"search": text, "mission": mission.code},
            headers={"Accept-Language": language},
        )  # fmt: skip
        return [row["id"] for row in answer.json()["results"]]

    assert found("violences signalées ouaka", "fr") == [draft.pk]
    assert found("reported violence", "fr") == [draft.pk]  # as it is stored
    assert found("violences signalées", "en") == []


def test_a_sheet_names_a_record_by_its_made_title_in_either_language(draft, mission, member):
    reader = member(Role.ANALYST)
    fields = {"threat": serializers.PrimaryKeyRelatedField(queryset=Threat.objects.all())}
    answers = Answers(fields, user=reader, mission=mission)
    for text in (ENGLISH, FRENCH, _read(draft, "fr")):
        assert answers.read("threat", text) == draft.pk
    with pytest.raises(Refused):
        answers.read("threat", "violences signalées")


def test_a_draft_accepted_is_still_titled_in_the_readers_language(
    draft, mission, member, signed_in
):
    Threat.objects.filter(pk=draft.pk).update(status="proposed")
    client = signed_in(member(Role.ANALYST))
    client.post(
        reverse("threat-accept", args=[mission.code, draft.pk]),
        {"likelihood": 3, "impact": 3, "rationale": "Seen.", "confidence": "moderate",
         "classification": 1},
    )  # fmt: skip
    draft.refresh_from_db()
    assert draft.status == "active"
    assert _plain(_read(draft, "fr")) == FRENCH
