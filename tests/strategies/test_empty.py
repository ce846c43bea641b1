"""A mission without records: no page takes emptiness for calm, and each says what to do next."""

import pytest

from missions.choices import Role
from strategies.reading.agenda import agenda
from strategies.services.briefs import prepare_brief
from tests.factories import TODAY, ActivityFactory, CommunityFactory, ThreatFactory

CALM = (
    "every required cell has something",
    "is reached in time",
    "on track",
    "0 of them imminent",
    "gaps in 0 required cells",
    "of 0 communities",
)


@pytest.mark.parametrize("path", ["", "coverage/", "coverage/?tier=2&phase=response", "presence/"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_empty_mission_is_nowhere_said_to_be_well(mission, member, signed_in, path, language):
    client = signed_in(member(Role.ADVISER))
    page = client.get(f"/{mission.code}/{path}", headers={"accept-language": language})
    text = " ".join(page.content.decode().split())
    assert ("Nothing to judge" if language == "en" else "Rien à juger") in text
    assert ("Next:" if language == "en" else "Étape suivante") in text
    for sentence in CALM:
        assert sentence not in text


def test_figures_over_nothing_are_dashes_and_over_something_numbers(mission, member, signed_in):
    client = signed_in(member(Role.ADVISER))
    page = " ".join(client.get(f"/{mission.code}/").content.decode().split())
    for sentence in (
        "No community has a score: nothing to judge.",
        "No active threat calls for anything: no gap to judge.",
        "No activity is on record: nothing to judge.",
        "No alert is on record at this clearance: nothing to judge.",
        "No incident is on record: nothing to judge.",
    ):
        assert sentence in page
    assert "<b>0</b>" not in page.replace("<b>0</b> <span> active threats", "")
    ThreatFactory(mission=mission, phase="prevention")
    ActivityFactory(mission=mission)
    page = " ".join(client.get(f"/{mission.code}/").content.decode().split())
    assert "gaps in 3 required cells" in page
    assert "activities overdue" in page


def test_coverage_without_gaps_says_of_how_many_cells(mission, member, signed_in):
    threat = ThreatFactory(mission=mission, phase="prevention")
    for tier in (1, 2, 3):
        ActivityFactory(mission=mission, tier=tier, phase="prevention").threats.add(threat)
    page = signed_in(member()).get(f"/{mission.code}/coverage/").content.decode()
    assert "None: each of the 3 required cells has something planned, under way or done." in page


def test_a_brief_of_an_empty_mission_judges_nothing(mission, member):
    adviser = member(Role.ADVISER)
    brief = prepare_brief(
        user=adviser, mission=mission, week=TODAY.replace(day=26), classification=0
    )
    for language, words in (("en", "Nothing to judge"), ("fr", "Rien à juger")):
        document = brief.documents[language]
        sections = {part["key"]: part for part in document["sections"]}
        assert words in sections["uncovered"]["empty"]
        assert words in sections["gaps"]["empty"]
        assert document["figures"][-1]["value"] == "–"


def test_an_agenda_tells_an_empty_list_from_one_over_nothing(mission):
    (judged,) = agenda(mission, 0)["judged"]
    assert judged == {"scored": 0, "required": 0, "activities": 0, "alerts": 0}
    CommunityFactory(mission=mission)
    ThreatFactory(mission=mission, phase="prevention")
    (judged,) = agenda(mission, 0)["judged"]
    assert judged == {"scored": 0, "required": 3, "activities": 0, "alerts": 0}
