"""Search: words, beginnings, misspellings; and never more than its reader may see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from records.search import search
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    IncidentFactory,
    MissionFactory,
    StrategyFactory,
    ThreatFactory,
)


def titles(mission, user, asked) -> list[str]:
    return [hit.title for found in search(mission, user, asked) for hit in found.hits]


@pytest.mark.parametrize(
    "asked",
    ["Ndélé", "ndele", "NDELE", "nde", "Ndelle", "ndélé town", "  Ndele,  Town "],
)
def test_accents_case_beginnings_and_misspellings(mission, member, asked):
    CommunityFactory(mission=mission, name="Ndélé town")
    CommunityFactory(mission=mission, name="Bambari")
    assert titles(mission, member(), asked) == ["Ndélé town"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("bambri", "Bambari"), ("bangasou", "Bangassou"), ("kaga bandro", "Kaga-Bandoro")],
)
def test_names_as_people_mistype_them(mission, member, typed, name):
    CommunityFactory(mission=mission, name=name)
    CommunityFactory(mission=mission, name="Obo")
    assert titles(mission, member(), typed) == [name]


def test_every_word_must_occur_anywhere_in_the_text(mission, member):
    made = ThreatFactory(
        mission=mission, title="Raids on herders", description="At the wells of the north."
    )
    ThreatFactory(mission=mission, title="Raids on traders")
    assert titles(mission, member(), "raids well") == [made.title]
    assert titles(mission, member(), "raids bridge") == []


def test_all_kinds_are_searched_and_each_leads_to_its_page(mission, member, signed_in):
    user = member()
    CommunityFactory(mission=mission, name="Zangba")
    ThreatFactory(mission=mission, title="Zangba raids")
    ArmedActorFactory(mission=mission, name="Zangba militia")
    AlertFactory(mission=mission, place_name="Zangba")
    IncidentFactory(mission=mission, place_name="Zangba")
    ActivityFactory(mission=mission, title="Patrol to Zangba")
    StrategyFactory(mission=mission, title="Zangba district")
    found = search(mission, user, "zangba")
    assert [part.source.kind for part in found] == [
        "communities", "threats", "armed-actors", "alerts", "incidents", "activities", "strategies",
    ]  # fmt: skip
    client = signed_in(user)
    for part in found:
        for hit in part.hits:
            assert client.get(hit.path).status_code == 200, hit


def test_what_may_not_be_seen_is_not_found(mission, member):
    ThreatFactory(mission=mission, title="Zangba secret", classification=2)
    ThreatFactory(mission=MissionFactory(), title="Zangba elsewhere")
    ThreatFactory(mission=mission, title="Zangba gone", withdrawn_at="2022-01-01T00:00Z")
    assert titles(mission, member(clearance=1), "zangba") == []
    assert titles(mission, member(clearance=2), "zangba") == ["Zangba secret"]
    assert titles(mission, member(where=MissionFactory()), "zangba") == []


@pytest.mark.parametrize(
    "asked", ["", "  ", "!!", "a & b | !c:*", "'; DROP TABLE x; --", "é" * 9_999, "\x00"]
)
def test_odd_input_finds_nothing_and_breaks_nothing(mission, member, signed_in, asked):
    user = member()
    assert titles(mission, user, asked) == []
    page = signed_in(user).get(f"/{mission.code}/search/", {"q": asked})
    assert page.status_code == 200


def test_one_query_a_kind_whatever_there_is(mission, member):
    user = member()
    for _n in range(12):
        CommunityFactory(mission=mission, name="Zangba")
        IncidentFactory(mission=mission, place_name="Zangba")
    search(mission, user, "zangba")
    with CaptureQueriesContext(connection) as captured:
        found = search(mission, user, "zangba")
    assert len(captured) == 7 + 3  # a savepoint and the likeness beside them
    assert [(len(part.hits), part.more) for part in found] == [(8, True), (8, True)]


def test_the_page_and_the_api(mission, member, signed_in, api):
    CommunityFactory(mission=mission, name="Zangba <b>")
    user = member()
    page = signed_in(user).get(f"/{mission.code}/search/?q=zangba").content.decode()
    assert "Zangba &lt;b&gt;" in page
    part = signed_in(user).get(f"/{mission.code}/search/?q=zangba", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    none = signed_in(user).get(f"/{mission.code}/search/?q=nowhere").content.decode()
    assert "Nothing you may see fits “nowhere”." in none
    (row,) = api(user).get(f"/api/v1/search/?mission={mission.code}&q=zangba").json()["results"]
    assert (row["kind"], row["title"]) == ("communities", "Zangba <b>")
    assert api(user).get("/api/v1/search/?mission=NONE&q=zangba").status_code == 404
