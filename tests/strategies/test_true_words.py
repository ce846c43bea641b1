"""Words that fit the numbers: no page, answer or brief says of a rate what only people assess."""

import datetime
import json
import re
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import translation

from missions.choices import Role
from poc_portal.templatetags.portal import one_in
from strategies.brief.document import document
from strategies.brief.facts import gather
from tests.factories import CommunityFactory, MembershipFactory, RiskScoreFactory, UserFactory
from threats.choices import Impact, Likelihood, RiskLevel, Watch
from threats.models import Community, Threat
from threats.templatetags.risk import standing

# What the portal once said of 16 to 18 % of any violence within 25 km, and kindred sentences.
FALSE = {
    "en": (
        "very likely attacked", "where an attack is likely", "likelihood band",
        "likelihood by the risk model", "highest likelihood", "probability of violence against",
        "Likelihood, 1 to 5.", "imminent</span>", "in the upper two bands",
        " 0 days ago", "evidence up to today", "no scores were kept for these days",
        "list of vulnerable people", ">1 incidents", " 1 incidents", "people and evidence disagree: ",
    ),
    "fr": (
        "très probablement attaqu", "là où une attaque est probable", "échelons de probabilité",
        "probabilité de violences contre", "deux bandes supérieures",
        "probabilité d’après le modèle de risque", "il y a 0 jour", "éléments jusqu’à aujourd’hui",
        "aucun score n’a été gardé pour ces jours", "liste de personnes vulnérables",
        "recruter au point de contact", "responsables de femmes", "téléphones essayés",
        "survivantes", " 1 incidents", " 1 1 civil", "dont 1 imminentes",
    ),
}  # fmt: skip
PAGES = (
    "community-list", "threat-list", "coverage", "presence", "score-quality",
    "brief-list", "mission-detail", "activity-list", "activity-board", "catalogue", "alert-list",
    "incident-list", "actor-list", "meeting-list", "strategy-list", "coverage-rules",
)  # fmt: skip


@pytest.fixture
def adviser(demo):
    user = UserFactory()
    MembershipFactory(mission=demo, member=user, role=Role.ADVISER, clearance=2)
    return user


def said_falsely(text: str, language: str) -> list[str]:
    plain = re.sub(r"\s+", " ", text).lower()
    return [sentence for sentence in FALSE[language] if sentence.lower() in plain]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_says_what_is_false(demo, adviser, signed_in, language):
    client = signed_in(adviser)
    client.cookies["django_language"] = language
    addresses = [reverse(name, args=[demo.code]) for name in PAGES]
    addresses.append("/about/")
    ranked = Community.objects.visible_to(adviser).filter(mission=demo).with_risk(adviser)
    addresses += [place.get_absolute_url() for place in ranked.order_by("-probability")[:3]]
    addresses += [threat.get_absolute_url() for threat in Threat.objects.filter(mission=demo)[:5]]
    found, opened = {}, 0
    for address in addresses:
        answer = client.get(address)
        if answer.status_code != 200:
            continue
        opened += 1
        if wrong := said_falsely(answer.content.decode(), language):
            found[address] = wrong
    assert opened >= len(addresses) - 1
    assert not found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_brief_says_what_is_false(demo, language):
    for clearance in (0, 2):
        for week in (datetime.date(2022, 12, 26), datetime.date(2022, 9, 5)):
            brief = document(gather(demo, clearance, week), language, [], None)
            assert not said_falsely(json.dumps(brief, ensure_ascii=False), language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_answer_of_the_api_says_what_is_false(demo, adviser, api, language):
    client = api(adviser)
    found = {}
    for name in ("communities", "risk-scores", "threats", "overview", "coverage"):
        answer = client.get(
            f"/api/v1/{name}/?mission={demo.code}", headers={"accept-language": language}
        )
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
        request = SimpleNamespace(user=member(where=demo, clearance=score.clearance))
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
