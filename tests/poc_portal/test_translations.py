"""French is complete: every string marked in code and templates has a translation."""

import ast
import datetime
import re

import polib
import pytest
from django.conf import settings
from django.template import engines
from django.utils import dates, translation
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation.template import templatize

from tests.factories import (
    ActivityFactory,
    AlertFactory,
    CommunityFactory,
    RiskScoreFactory,
    ThreatFactory,
)
from threats.choices import Phase
from threats.scoring.suggestion import Suggestion

TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
MARKED = re.compile(r"""(?:gettext|\b_)\(\s*(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")""")
CALLS = {"_", "gettext"}


def sources(pattern):
    for app in (
        "poc_portal",
        "missions",
        "records",
        "exchange",
        "threats",
        "strategies",
        "templates",
    ):
        yield from (settings.BASE_DIR / app).rglob(pattern)


def marked_in_code():
    for path in sources("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
                for constant in ast.walk(node.args[0]):
                    if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                        yield constant.value


def marked_in_templates():
    """As ``makemessages`` finds them: ``trans``, ``blocktrans`` and ``_("…")`` in tags."""
    for path in sources("*.html"):
        for literal in MARKED.findall(templatize(path.read_text())):
            yield ast.literal_eval(literal)


@pytest.fixture(scope="module", params=TRANSLATED)
def path(request):
    return settings.BASE_DIR / f"locale/{request.param}/LC_MESSAGES/django.po"


@pytest.fixture(scope="module")
def catalogue(path):
    return polib.pofile(str(path))


def test_every_marked_string_is_in_the_catalogue(catalogue):
    known = {entry.msgid for entry in catalogue}
    missing = {text for text in [*marked_in_code(), *marked_in_templates()] if text not in known}
    assert not missing


def test_every_entry_is_translated_with_its_placeholders(catalogue):
    def placeholders(text):
        return sorted(re.findall(r"%\(\w+\)[sd]", text))

    for entry in catalogue:
        assert entry.translated(), entry.msgid
        assert "fuzzy" not in entry.flags
        assert not entry.previous_msgid, entry.msgid  # left by a guess
        assert not entry.previous_msgid_plural, entry.msgid
        for text in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            assert placeholders(text) == placeholders(entry.msgid), entry.msgid


def translated(entries):
    return {(entry.msgctxt, entry.msgid): entry.msgstr for entry in entries}


def test_the_compiled_catalogue_is_current(path, catalogue):
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert translated(compiled) == translated(catalogue)


def test_a_page_in_french():
    with translation.override("fr"):
        assert gettext("Threat register") == "Registre des menaces"
        text = engines["django"].from_string("{% blocktrans count n=2 %}{{ n }} gap{% plural %}{{ n }} gaps{% endblocktrans %}")  # fmt: skip
        assert text.render({}) == "2 lacunes"


def test_no_word_of_ours_changes_a_name_of_a_month_or_a_day(path):
    """Dates are written with Django's words; one of ours of the same spelling would replace it."""
    names = [*dates.MONTHS.values(), *dates.MONTHS_3.values(), *dates.MONTHS_ALT.values()]
    names += [*dates.WEEKDAYS.values(), *dates.WEEKDAYS_ABBR.values()]
    with translation.override(settings.LANGUAGE_CODE):
        plain = {str(name) for name in names} | {str(name).capitalize() for name in names}
    ours = {entry.msgid for entry in polib.pofile(str(path))}
    assert not plain & ours
    with translation.override("fr"):
        assert date_format(datetime.date(2018, 5, 1), "YEAR_MONTH_FORMAT") == "mai 2018"


# A number before a noun that is plural all the same: why it may be.
ALWAYS_MANY = {
    "%(n)s days": "from two days on; below, hours",
    "%(horizon)s days": "30 or 90",
    "to %(oldest)d days ago": "a span of several days",
    "sides": "more than two, or they would be named",
    "%(e)s violent incidents against": "a mean, as below",
    "incidents expected": "a mean such as 0.21; French says “nombre d’incidents”",
    "incidents are to be expected": "a mean, as above",
    "rows; send at most": "more than the most a call may hold",
    "rows; at most": "more than the most a file may hold",
    "columns; at most": "more than the most a file may hold",
    "%(length)d characters; at most": "more than the most a text may hold",
    "about %(weeks)s weeks": "several weeks by the mission’s rule",
    "files or pages": "from four on; below, they are named",
    "every %(n)d months": "3, 6 or 12",
    "times the usual rate": "a factor such as 1.4",
    "%(most)d": "the most of something, a constant",
    "At most %(n)d characters": "a constant",
}  # fmt: skip
COUNTED = re.compile(r"%\(\w+\)[sd]\s+(?:[a-z]+\s+){0,2}?[A-Za-z]*[a-z](?<!i)(?<!s)s\b")
NO_NOUN = re.compile(
    r"%\(\w+\)[sd]\s+(?:\w+\s+)?(?:is|has|was|lies|holds|as|asks|does|stands|comes|unpacks|this|gives|"
    r"says|names|needs|the|of|in|to|with|not|reported|on|a|an)\b"
)


def test_what_is_counted_has_its_singular(catalogue):
    """A number before a plural noun stands in a message with both forms, or a reason above says why not."""
    lacking = [
        entry.msgid
        for entry in catalogue
        if not entry.msgid_plural
        and COUNTED.search(entry.msgid)
        and not NO_NOUN.search(entry.msgid)
        and not any(reason in entry.msgid for reason in ALWAYS_MANY)
    ]
    assert not lacking


def only_plural(catalogue) -> set[str]:
    """Words of plurals that their singulars lack: “alerts”, “people”."""
    words = {
        word
        for entry in catalogue
        if entry.msgid_plural
        for word in set(re.findall(r"\w+", entry.msgid_plural))
        - set(re.findall(r"\w+", entry.msgid))
    }
    return {word for word in words if re.fullmatch(r"people|[a-z]{3,}(?<!s)s", word)}


def test_a_singular_holds_no_plural(catalogue):
    """“1 open alerts, 1 of them imminent”, “1 gap in 1 required cells”: each number has a noun of its own."""
    many = only_plural(catalogue)
    assert {"alerts", "cells", "people", "places"} <= many
    wrong = []
    for entry in catalogue:
        if not entry.msgid_plural or any(reason in entry.msgid for reason in ALWAYS_MANY):
            continue
        after = re.findall(r"%\(\w+\)[sd]\s+(\w+)(?:\s+(\w+))?", entry.msgid)
        second = [word for words in after for word in words]
        alike = re.findall(r"\w+", entry.msgid) if entry.msgid == entry.msgid_plural else []
        wrong += [entry.msgid for word in (*second, *alike) if word in many]
    assert not wrong


def test_what_a_figure_counts_agrees_with_it(catalogue):
    """“1 people known to live here”: under a number no label is plural whatever the number."""
    many, wrong = only_plural(catalogue), []
    for path in sources("*.html"):
        for value, label in re.findall(
            r'<c-figure\b[^<]*?value="([^"]*\|intcomma[^"]*)"[^<]*?>(.*?)</c-figure>',
            path.read_text(),
            re.S,
        ):
            for text in re.findall(r"{% trans ['\"]([^'\"]+)", label.split("{% else %}")[0]):
                if (
                    set(re.sub(r"[0-9]+ [a-z]+", "", text).split()) & many
                    and "count" not in label.split("{% else %}")[0]
                ):
                    wrong.append((path.name, value, text))
    assert not wrong


def test_french_plurals_begin_at_two():
    with translation.override("fr"):
        said = Suggestion(
            phase=Phase.PREVENTION, likelihood=1, expected=1.5, figures={"feared_at": 1}
        ).reasons[0]
    assert "nombre d’incidents violents contre des civils attendus" in said
    assert said.endswith(": 1,50.")
    for number, word in ((0, "alerte ouverte"), (1, "alerte ouverte"), (2, "alertes ouvertes")):
        with translation.override("fr"):
            assert ngettext("open alert", "open alerts", number) == word


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("<b>1</b> <span> open alert<br> 0 imminent", "<b>1</b> <span> gap in 3 required cells: nothing")),
        ("fr", ("alerte ouverte<br> 0 imminente ", "lacune sur 3 cases requises : rien")),
    ],
)  # fmt: skip
def test_one_of_each_on_the_overview(mission, member, signed_in, language, texts):
    """By the open alerts, not by the imminent ones among them; by each of gaps and cells."""
    AlertFactory(mission=mission, imminence="days")
    threat = ThreatFactory(mission=mission, phase="prevention")
    for tier in (1, 2):
        ActivityFactory(mission=mission, tier=tier, phase="prevention").threats.add(threat)
    page = signed_in(member()).get(f"/{mission.code}/", headers={"accept-language": language})
    text = " ".join(page.content.decode().split())
    for sentence in texts:
        assert sentence in text
    alerts = signed_in(member()).get(
        f"/{mission.code}/alerts/", headers={"accept-language": language}
    )
    assert texts[0].removeprefix("<b>1</b> <span> ") in " ".join(alerts.content.decode().split())


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "person known to live here, counted once", "people known to live here, each"),
        ("fr", "personne dont on sait qu’elle vit ici", "personnes dont on sait qu’elles vivent"),
    ],
)
def test_one_person_is_no_people(mission, member, signed_in, language, one, many):
    for population, right, wrong in ((1, one, many), (2, many, one), (None, many, one)):
        place = CommunityFactory(mission=mission, population=population)
        RiskScoreFactory(community=place, clearance=2)
        page = signed_in(member()).get(
            place.get_absolute_url(), headers={"accept-language": language}
        )
        text = " ".join(page.content.decode().split())
        assert right in text
        assert wrong not in text


def test_every_reason_is_of_a_message_that_is_there(catalogue):
    messages = [entry.msgid + entry.msgid_plural for entry in catalogue]
    assert not [reason for reason in ALWAYS_MANY if not any(reason in one for one in messages)]


def test_french_is_printed_as_french_is():
    """``make messages`` sets it right; this holds what is stored to it."""
    wrong = [
        text
        for entry in polib.pofile(str(settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po"))
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        if re.search(r"[^\W\d_]'\w|\S [:;?!»]|« |[^\W\d_]:\s", text)
    ]
    assert not wrong
    titles = settings.BASE_DIR / "strategies/data/catalogue/titles.fr.csv"
    assert not re.search(r"[^\W\d_]'\w|\S [:;?!»]|« ", titles.read_text(encoding="utf-8"))
