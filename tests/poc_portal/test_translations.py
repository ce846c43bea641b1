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
from django.utils.translation import gettext
from django.utils.translation.template import templatize

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
