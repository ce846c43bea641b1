"""The demonstration in French: its brief and its main pages hold no English but proper names."""

import datetime
import json
import re
from collections.abc import Iterable

import polib
import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import dates, translation
from django.utils.formats import date_format
from lxml import html

from missions.choices import Role
from missions.models import AdminArea, FieldOffice, Mission, User
from poc_portal.web.clock import as_month
from strategies.coverage.cells import counted
from strategies.models import Activity, Brief, Meeting, Strategy
from strategies.models.titles import catalogue_titles
from tests.factories import MembershipFactory
from threats.charts import history
from threats.choices import Confidence, Impact, StandardOfProof, ThreatStatus
from threats.models import Alert, ArmedActor, Community, Incident, Threat

FRENCH = {"Accept-Language": "fr"}
WORD, CUT = re.compile(r"[^\W\d_]{4,}"), re.compile(r"([^\W\d_]+)…")
# Names that are no record's: the portal's own, the language to change to, and who has an account.
NAMES = "Portal English user"
# What of a brief's document is not printed: colours, keys of sections and states; and the mission's name.
CODES = frozenset({"tone", "key", "cover", "language", "mission_name"})


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


@pytest.fixture(scope="module")
def french() -> set[str]:
    """Every word of four letters or more that the portal has in French."""
    found: set[str] = set()
    for entry in polib.pofile(str(settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po")):
        said = " ".join([entry.msgstr, *entry.msgstr_plural.values()])
        found |= words(re.sub(r"%\(\w+\)", "", said))
    for titles in catalogue_titles().values():
        found |= words(titles["fr"])
    with translation.override("fr"):
        for named in (dates.MONTHS, dates.MONTHS_AP, dates.WEEKDAYS):
            found |= words(" ".join(str(name) for name in named.values()))
        from django.utils.timesince import TIME_STRINGS

        found |= words(
            " ".join(f"{text % {'num': n}}" for text in TIME_STRINGS.values() for n in (1, 2))
        )
    return found


@pytest.fixture
def names(demo) -> set[str]:
    """Proper names of the demonstration: places, offices, armed actors and the mission's own."""
    accounts = User.objects.values_list("username", flat=True)
    found = words(f"{NAMES} {demo.name} {' '.join(accounts)}")
    for model, fields in (
        (Community, ("name", "aliases")), (ArmedActor, ("name", "aliases")),
        (AdminArea, ("name",)), (FieldOffice, ("name",)), (Incident, ("place_name",)),
    ):  # fmt: skip
        for row in model.objects.filter(mission=demo).values_list(*fields):
            found |= words(json.dumps(row, ensure_ascii=False))
    return found


def foreign(texts: Iterable[str], known: set[str]) -> list[tuple[str, list[str]]]:
    """Texts with words that are neither French nor names; of one cut short the beginning counts."""
    found = []
    for text in texts:
        left = words(text) - known
        for end in CUT.findall(text.lower()):
            if any(word.startswith(end) for word in known):
                left.discard(end)
        if left:
            found.append((text[:160], sorted(left)))
    return found


def texts_of(page: bytes) -> list[str]:
    """What is read and read aloud on a page."""
    tree = html.fromstring(page)
    for element in tree.xpath("//script|//style"):
        element.drop_tree()
    shown = [text.strip() for text in tree.itertext()]
    return [*filter(None, shown), *tree.xpath("//@title|//@aria-label|//@placeholder|//@alt")]


def main_pages(demo: Mission, user) -> dict[str, str]:
    home = demo.get_absolute_url()
    threats = Threat.objects.filter(mission=demo)
    places = Community.objects.filter(mission=demo).with_risk(user).order_by("-probability", "pk")
    first = {
        "threat": threats.filter(status=ThreatStatus.ACTIVE),
        "draft": threats.filter(status=ThreatStatus.PROPOSED),
        "activity": Activity.objects.filter(mission=demo),
        "community": places,
        "agenda": Meeting.objects.filter(mission=demo),
        "strategy": Strategy.objects.filter(mission=demo),
        "brief": Brief.objects.filter(mission=demo),
        "alert": Alert.objects.filter(mission=demo),
    }
    lists = (
        "threats",
        "coverage",
        "activities",
        "alerts",
        "communities",
        "meetings",
        "briefs",
        "actors",
    )
    return {
        "overview": home,
        **{name: f"{home}{name}/" for name in lists},
        **{name: queryset.first().get_absolute_url() for name, queryset in first.items()},
    }


def test_the_main_pages_of_the_demonstration_speak_french(demo, signed_in, french, names):
    user = MembershipFactory(mission=demo, role=Role.ADVISER, clearance=2).member
    client, found = signed_in(user), {}
    for name, address in main_pages(demo, user).items():
        answer = client.get(address, headers=FRENCH)
        assert answer.status_code == 200, address
        said = foreign(texts_of(answer.content), french | names)
        if said:
            found[name] = said
    assert not found, "\n".join(f"{name}: {each}" for name, said in found.items() for each in said)


def test_the_french_brief_holds_no_english_but_proper_names(demo, french, names):
    brief = Brief.objects.filter(mission=demo).order_by("-week", "pk").first()
    document = {key: part for key, part in brief.documents["fr"].items() if key != "map"}

    def told(part) -> list[str]:
        if isinstance(part, dict):
            return [text for key, each in part.items() if key not in CODES for text in told(each)]
        if isinstance(part, list | tuple):
            return [text for each in part for text in told(each)]
        return [part] if isinstance(part, str) else []

    assert foreign(told(document), french | names) == []
    assert len(told(document)) > 100


def test_months_are_abbreviated_as_in_french():
    first = datetime.date(2021, 1, 1)
    points = [(first + datetime.timedelta(days=day), 0.1) for day in range(0, 700, 7)]
    with translation.override("fr"):
        assert date_format(first, "YEAR_MONTH_FORMAT") == "janv. 2021"
        assert date_format(datetime.date(2023, 2, 3), "SHORT_DATE_FORMAT") == "3 févr. 2023"
        assert (as_month("2022-08"), as_month("Bangui")) == ("août 2022", "Bangui")
        labels = [tick.label for tick in history(points, "").x.ticks]
        assert "janv. 2022" in labels or "juil. 2021" in labels
        assert not [label for label in labels if re.search(r"\b(?:Jan|Feb|May|Jul|Aug)\b", label)]


@pytest.mark.parametrize(
    ("state", "one", "many"),
    [
        ("planned", "1 prévue", "6 prévues"), ("under_way", "1 en cours", "6 en cours"),
        ("done", "1 terminée", "6 terminées"), ("overdue", "1 en retard", "6 en retard"),
        ("cancelled", "1 annulée", "6 annulées"),
    ],
)  # fmt: skip
def test_activities_counted_agree_with_their_number(state, one, many):
    with translation.override("fr"):
        assert (counted(state, 1), counted(state, 6)) == (one, many)


def test_slips_of_the_catalogue_do_not_come_back():
    said = " ".join(titles["fr"] for titles in catalogue_titles().values())
    for slip in (
        "recruter au point",
        "responsables de femmes",
        "téléphones essayés",
        "les survivantes",
    ):
        assert slip not in said


def test_only_the_demonstrations_own_sentences_are_put_into_french(demo):
    (alert, *_others) = Alert.objects.filter(mission=demo).order_by("pk")
    with translation.override("fr"):
        assert alert.as_told("Invented for illustration.\nSeen at 6.") == (
            "Inventé à titre d’illustration.\nSeen at 6."
        )
        alert.is_demonstration = False
        assert alert.as_told("Invented for illustration.") == "Invented for illustration."


def test_the_first_of_a_month_is_premier_in_french_alone():
    first, second = datetime.date(2023, 1, 1), datetime.date(2023, 1, 2)
    with translation.override("fr"):
        assert date_format(first, "DATE_FORMAT") == "1er janvier 2023"
        assert date_format(first, "MONTH_DAY_FORMAT") == "1er janv."
        assert date_format(second, "SHORT_DATE_FORMAT") == "2 janv. 2023"
        page = Template('{{ day|date:"SHORT_DATE_FORMAT" }} {{ day|date:"Y-m-d" }}')
        assert page.render(Context({"day": first})) == "1er janv. 2023 2023-01-01"
    with translation.override("en"):
        assert date_format(first, "DATE_FORMAT") == "1 January 2023"


def test_degrees_agree_with_what_they_are_of():
    with translation.override("fr"):
        assert [str(each.label) for each in Confidence] == ["Faible", "Modérée", "Élevée"]
        assert str(Impact.MODERATE.label) == "Modéré"
        assert [str(each.label) for each in StandardOfProof] == [
            "Allégation", "Motifs raisonnables de croire", "Fait corroboré", "Fait vérifié",
            "Fait infirmé",
        ]  # fmt: skip
