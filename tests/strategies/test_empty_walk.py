"""Every page, list, figure and command over a mission that has members and nothing else."""

import datetime
import html
import io
import re

import pytest
from django.core.management import CommandError, call_command

from missions.choices import Role
from missions.models import Component
from missions.services import create_mission
from strategies.services.briefs import prepare_brief
from strategies.services.meetings import call_meeting

NOTHING = {"en": "othing to judge", "fr": "ien à juger"}
NEXT = {"en": "Next:", "fr": "Étape suivante"}
# What reads as calm where nothing was ever recorded.
CALM = (
    r"\b0 (of|sur|de) (them|0)\b",
    r"\b100 ?%",
    r"(?<![\d.,])0(\.0)? ?%",
    r"\bevery required\b",
    r"\beach of (the|them)\b",
    r"\ball of them\b",
    r"\bon track\b",
    r"\bin time\b, over",
    r"\bin 0 required\b",
    r"\bchacun[e]? des\b",
    r"\btou(te)?s les \d",
    r"\bNot required\b",
    r"\bNon requis\b",
    r"\b0 (records?|enregistrements?|fiches?|in all|au total|gaps?|lacunes?|overdue|en retard)\b",
)
LISTS = (
    "threats/", "alerts/", "alerts/?open=true", "activities/", "activities/?live=true",
    "activities/board/", "activities/timeline/", "strategies/", "presence/", "communities/",
    "incidents/", "actors/",
)  # fmt: skip
PAGES = (
    "", "coverage/", "coverage/?by=office", "coverage/?by=component", "coverage/?since=2022-01-01",
    "incidents/pairs/", "risk/quality/",
)  # fmt: skip


@pytest.fixture
def empty(db):
    """A mission just created: members and components, and no record."""
    return create_mission(code="NEW", name="New mission", countries=["CAF"], languages=["fr"])


def read(client, mission, path, language):
    page = client.get(f"/{mission.code}/{path}", headers={"accept-language": language})
    assert page.status_code == 200, path
    main = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)
    assert main is not None
    text = re.sub(r"<(select|script).*?</\1>", "", main.group(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def assert_not_called_well(text, path):
    for pattern in CALM:
        found = re.search(pattern, text)
        assert found is None, f"{path}: {text[max(0, found.start() - 60) : found.end() + 60]}"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", [*PAGES, *LISTS])
def test_nothing_on_record_is_said_to_be_nothing_to_judge_with_what_to_do_next(
    empty, member, signed_in, path, language
):
    text = read(signed_in(member(Role.ADVISER, where=empty)), empty, path, language)
    assert NOTHING[language] in text
    assert NEXT[language] in text
    assert_not_called_well(text, path)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["meetings/", "briefs/"])
def test_a_list_without_records_leads_to_the_first(empty, member, signed_in, path, language):
    text = read(signed_in(member(Role.ADVISER, where=empty)), empty, path, language)
    assert NOTHING[language] in text
    assert NEXT[language] in text


def test_the_next_step_is_a_link_only_for_who_may_take_it(empty, member, signed_in):
    link = f'<a href="/{empty.code}/alerts/report/">Next: file an alert</a>'
    for role, may in ((Role.REPORTER, True), (Role.VIEWER, False)):
        page = signed_in(member(role, where=empty)).get(f"/{empty.code}/alerts/").content.decode()
        assert (link in page) is may
        assert "Nothing to judge yet: no alert is on record. " in page
        assert ("(Who can: " in page) is not may


def test_who_may_not_take_the_next_step_is_told_who_can(empty, member, signed_in):
    text = read(signed_in(member(Role.ANALYST, where=empty)), empty, "meetings/", "en")
    able = [Role.PLANNER, Role.ADVISER, Role.HEAD_OF_OFFICE, Role.ADMIN]
    names = ", ".join(str(role.label) for role in Role if role in able)
    assert f"Next: call a meeting (Who can: {names}.)" in text


@pytest.mark.parametrize("role", list(Role))
def test_no_link_of_an_empty_mission_is_closed_to_its_reader(empty, member, signed_in, role):
    client, tried, closed = signed_in(member(role, where=empty)), set(), []
    for path in (*PAGES, *LISTS, "meetings/", "briefs/"):
        page = client.get(f"/{empty.code}/{path}")
        main = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)
        if page.status_code != 200 or main is None:
            closed.append(path)
            continue
        for link in re.findall(r'<a[^>]*href="(/NEW/[^"#]*)', main.group()):
            address = html.unescape(link)
            if address in tried or "format=" in address:
                continue
            tried.add(address)
            if client.get(address).status_code in (403, 404):
                closed.append(f"{path}: {address}")
    assert closed == []


def test_a_list_whose_filters_hide_all_is_not_said_to_be_empty(demo, member, signed_in):
    client = signed_in(member(Role.ADVISER, where=demo))
    text = read(client, demo, "communities/?q=nowhere+at+all", "en")
    assert "No community fits. Clear the filters, or import places." in text
    assert "Nothing to judge" not in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_component_meeting_and_brief_of_an_empty_mission_judge_nothing(
    empty, member, signed_in, language
):
    adviser = member(Role.ADVISER, where=empty)
    component = Component.objects.filter(mission=empty).first()
    monday = empty.today - datetime.timedelta(days=empty.today.weekday())
    meeting = call_meeting(user=adviser, mission=empty, title="Working group", day=empty.today)
    brief = prepare_brief(user=adviser, mission=empty, week=monday, classification=0)
    client = signed_in(adviser)
    for path in (
        f"components/{component.pk}/", f"components/{component.pk}/handover/",
        f"meetings/{meeting.pk}/", f"briefs/{brief.pk}/",
    ):  # fmt: skip
        text = read(client, empty, path, language)
        assert NOTHING[language] in text
        assert_not_called_well(text, path)
    document = brief.documents[language]
    assert document["matrix"]["rows"] == []
    for part in document["sections"]:
        if part["key"] != "incidents":
            assert NOTHING[language] in part["empty"], part["key"]
    assert client.get(f"/{empty.code}/briefs/{brief.pk}/pdf/").status_code == 200


def test_figures_over_rest_say_over_how_much_they_judge(empty, member, api):
    client = api(member(Role.ADVISER, where=empty))
    bodies = {
        name: client.get(f"/api/v1/{name}/?mission={empty.code}").json()
        for name in ("overview", "coverage", "alert-figures")
    }
    assert bodies["alert-figures"]["recorded"] == 0
    assert bodies["alert-figures"]["whole"]["share"] is None
    assert bodies["coverage"]["judged"] == 0
    assert all(cell["covered_share"] is None for cell in bodies["coverage"]["cells"])
    judged = ("communities_scored", "required", "activities", "alerts", "incidents")
    assert [bodies["overview"][name] for name in judged] == [0] * 5


@pytest.mark.parametrize(
    "call",
    [
        ["propose_threats"],
        ["train_risk"],
        ["backtest_risk", "--from", "2022-01-01", "--to", "2022-12-31"],
        ["check_risk"],
        ["recompute_risk"],
    ],
    ids=lambda call: call[0],
)
def test_a_command_over_nothing_says_so_and_what_to_do_next(empty, call):
    out = io.StringIO()
    try:
        call_command(*call, "--mission", empty.code, stdout=out)
    except CommandError as refused:
        out.write(str(refused))
    said = out.getvalue()
    assert re.search(r"[Nn]othing to ", said)
    assert "Next: " in said
    assert "base rate" not in said
