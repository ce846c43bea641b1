"""Words that fit the numbers: no page, answer or brief says of a rate what only people assess."""

import datetime
import json
import re
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import translation

from missions.choices import Role
from missions.models import Component
from missions.need_to_know import EVERY, KEPT_APART
from poc_portal.api.router import resources
from poc_portal.templatetags.portal import one_in
from strategies.brief.document import document
from strategies.brief.facts import gather
from strategies.models import Activity, Meeting, Strategy
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    CommunityFactory,
    IncidentFactory,
    MembershipFactory,
    RiskScoreFactory,
    ThreatFactory,
    UserFactory,
)
from tests.proof import size, some
from threats.choices import Impact, Likelihood, RiskLevel, Watch
from threats.models import Alert, ArmedActor, Community, Incident, Threat
from threats.templatetags.risk import standing

# What the portal once said of 16 to 18 % of any violence within 25 km, and kindred sentences.
FALSE = {
    "en": (
        "very likely attacked", "where an attack is likely", "likelihood band",
        "likelihood by the risk model", "highest likelihood", "probability of violence against",
        "Likelihood, 1 to 5.", "imminent</span>", "in the upper two bands",
        " 0 days ago", "evidence up to today", "list of vulnerable people",
        "people and evidence disagree: ", "every required cell has something planned",
        "each of them is reached in time", "in 0 required cells", "60,201",
    ),
    "fr": (
        "très probablement attaqu", "là où une attaque est probable", "échelons de probabilité",
        "probabilité de violences contre", "deux bandes supérieures",
        "probabilité d’après le modèle de risque", "il y a 0 jour", "éléments jusqu’à aujourd’hui",
        "liste de personnes vulnérables", "recruter au point de contact", "responsables de femmes",
        "téléphones essayés", "les survivantes", " 1 1 civil", "chaque case requise a quelque chose de prévu",
        "chacune d’elles est atteinte à temps", "sur 0 cases requises", "60\xa0201",
    ),
}  # fmt: skip
# “1 incidents”: a number that takes the singular, before a noun that is none.
PLURALS = {
    "en": r"(?<![\d.,/–-])1 (?:open )?(?:incidents|alerts|people|communities|activities|gaps|places|threats)\b",
    "fr": r"(?<![\d.,\xa0/–-])[01] (?:incidents|alertes|personnes|communautés|activités|lacunes|lieux|menaces|"
          r"cases|imminentes)\b",
}  # fmt: skip
# A title that accuses without “reported”, as the first drafts were called.
ACCUSED = re.compile(r"(?<!reported)(?<!listed): violence against civilians in ", re.IGNORECASE)
PAGES = (
    "community-list", "threat-list", "coverage", "presence", "score-quality",
    "brief-list", "mission-detail", "activity-list", "activity-board", "catalogue", "alert-list",
    "incident-list", "actor-list", "meeting-list", "strategy-list", "coverage-rules",
)  # fmt: skip
SINGLE = (
    Threat, Alert, Activity, Meeting, ArmedActor, Incident, Strategy, Component,
)  # fmt: skip

OF_A_MISSION = ("overview", "coverage", "alert-figures", "search")


@pytest.fixture
def adviser(demo):
    user = UserFactory()
    MembershipFactory(mission=demo, member=user, role=Role.ADVISER, clearance=2)
    return user


def said_falsely(text: str, language: str) -> list[str]:
    plain = re.sub(r"\s+", " ", text).lower()
    found = [sentence for sentence in FALSE[language] if sentence.lower() in plain]
    bare = re.sub(r"\s+", " ", re.sub(r"</?(?:b|span)\b[^>]*>", " ", plain))
    found += [match.group() for match in re.finditer(PLURALS[language], bare)]
    return found + [match.group() for match in ACCUSED.finditer(plain)]


def falsehoods(client, language: str, addresses: list[str]) -> dict[str, list[str]]:
    client.cookies["django_language"] = language
    found = {}
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if wrong := said_falsely(answer.content.decode(), language):
            found[address] = wrong
    return found


@pytest.mark.prove
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_says_what_is_false(demo, adviser, signed_in, language):
    addresses = [reverse(name, args=[demo.code]) for name in PAGES]
    addresses.append("/about/")
    ranked = Community.objects.visible_to(adviser).filter(mission=demo).with_risk(adviser)
    addresses += [place.get_absolute_url() for place in ranked.order_by("-probability")[:3]]
    assert not falsehoods(signed_in(adviser), language, addresses)


@pytest.mark.prove
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("model", SINGLE, ids=lambda model: model.__name__)
def test_no_page_of_one_record_says_what_is_false(demo, adviser, signed_in, model, language):
    records = list(model.objects.visible_to(adviser).filter(mission=demo).order_by("pk"))
    turn = SINGLE.index(model) + len(language)
    chosen = some(records, size(2, 60), turn)[: size(2, 60)]
    assert chosen or model is Strategy
    addresses = [
        reverse("component-detail", args=[demo.code, one.pk])
        if model is Component
        else one.get_absolute_url()
        for one in chosen
    ]
    assert not falsehoods(signed_in(adviser), language, addresses)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_of_an_empty_mission_says_what_is_false(mission, member, signed_in, language):
    addresses = [reverse(name, args=[mission.code]) for name in PAGES]
    assert not falsehoods(signed_in(member(Role.ADVISER)), language, addresses)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_of_a_calm_mission_says_what_is_false(mission, member, signed_in, language):
    """One of everything, nobody endangered: singulars, and nothing to judge."""
    RiskScoreFactory(community=CommunityFactory(mission=mission, population=1), clearance=2, band=1)
    ThreatFactory(mission=mission)
    ActivityFactory(mission=mission)
    AlertFactory(mission=mission)
    IncidentFactory(mission=mission)
    addresses = [reverse(name, args=[mission.code]) for name in PAGES]
    assert not falsehoods(signed_in(member(Role.ADVISER)), language, addresses)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_brief_says_what_is_false(demo, language):
    for clearance in (0, 2):
        for week in (datetime.date(2022, 12, 26), datetime.date(2022, 12, 19)):
            brief = document(gather(demo, clearance, week), language, [], None)
            assert not said_falsely(json.dumps(brief, ensure_ascii=False), language)
    early = document(gather(demo, 0, datetime.date(2022, 9, 5)), language, [], None)
    assert not said_falsely(json.dumps(early, ensure_ascii=False), language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_answer_of_the_api_says_what_is_false(demo, adviser, api, language):
    client = api(adviser)
    found = {}
    for name in resources():
        asked = {"mission": demo.code} if name in OF_A_MISSION else {}
        asked |= {"q": "Ouadda"} if name == "search" else {}
        answer = client.get(f"/api/v1/{name}/", asked, headers={"accept-language": language})
        assert answer.status_code == 200, name
        if wrong := said_falsely(answer.content.decode(), language):
            found[name] = wrong
    schema = client.get("/api/v1/schema/?format=json").content.decode()
    assert not found
    assert not said_falsely(schema, "en")


def test_bands_have_words_that_no_other_scale_has():
    for language in ("en", "fr"):
        with translation.override(language):
            bands = {str(label).lower() for label in Watch.labels}
            assert len(bands) == 5
            for scale in (Likelihood, Impact, RiskLevel):
                assert not bands & {str(label).lower() for label in scale.labels}


def test_seventeen_percent_is_about_one_in_six():
    with translation.override("en"):
        assert one_in(0.175) == "about 1 in 6"
        assert one_in(0.62) == "about 6 in 10"
        assert one_in(0.0004) == "less than 1 in 1,000"
        assert one_in(0.97) == "more than 9 in 10"
        assert one_in(None) == "–"
    with translation.override("fr"):
        assert one_in(0.175) == "environ 1 sur 6"


def test_a_community_says_the_event_its_rank_and_its_sources(demo, adviser, signed_in):
    place = (
        Community.objects.visible_to(adviser)
        .filter(mission=demo)
        .with_risk(adviser)
        .order_by("-probability")
        .first()
    )
    text = re.sub(r"\s+", " ", signed_in(adviser).get(place.get_absolute_url()).content.decode())
    assert "recorded deadly violence against civilians within 25 km" in text
    assert re.search(r"times the usual rate · rank 1 of \d+", text)
    assert "UCDP GED" in text
    assert one_in(place.probability) in text


def test_the_rank_counts_only_scores_of_the_readers_clearance(demo, member):
    scores = [
        place.scores.filter(horizon=30)
        for place in Community.objects.filter(mission=demo).order_by("-pk")[:2]
    ]
    for score in (one for several in scores for one in several):
        among = type(score).objects.filter(mission=demo, horizon=30, clearance=score.clearance)
        above = sum(other.expected > score.expected for other in among)
        held = {"compartments": sorted(EVERY)} if score.clearance == KEPT_APART else {}
        reader = member(where=demo, clearance=min(score.clearance, 2), **held)
        request = SimpleNamespace(user=reader)
        with translation.override("en"):
            assert standing({"request": request}, score).endswith(
                f"rank {above + 1} of {among.count()}"
            )


def test_a_secret_place_is_in_nobody_elses_rank(mission, member, signed_in):
    seen, hidden = (
        CommunityFactory(mission=mission),
        CommunityFactory(mission=mission, classification=2),
    )
    for place, expected in ((seen, 0.1), (hidden, 0.3)):
        for clearance in (0, 2):
            RiskScoreFactory(
                community=place, mission=mission, horizon=30, clearance=clearance,
                expected=expected,
            )  # fmt: skip
    path = seen.get_absolute_url()
    open_to_all = signed_in(member(clearance=0)).get(path).content.decode()
    assert "1.0 times the usual rate · rank 1 of 1" in " ".join(open_to_all.split())
    cleared = signed_in(member(clearance=2)).get(path).content.decode()
    assert "0.5 times the usual rate · rank 2 of 2" in " ".join(cleared.split())
