"""Accounts that name who told: their names and contacts are sealed, and stand in no other text.

Numbers of people, dates, coordinates, P-codes and ids pass; what can be called does not.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from poc_portal.tabular.names import without_accents

# Words of a name that say what somebody is, not who.
PLAIN_WORDS = frozenset(
    [
        "a",
        "au",
        "aux",
        "d",
        "de",
        "du",
        "et",
        "l",
        "la",
        "le",
        "of",
        "on",
        "abbe",
        "adjoint",
        "agent",
        "ancien",
        "chef",
        "chief",
        "chairman",
        "colonel",
        "commander",
        "community",
        "conseiller",
        "depute",
        "docteur",
        "doctor",
        "elder",
        "father",
        "femme",
        "femmes",
        "general",
        "group",
        "groupe",
        "homme",
        "imam",
        "infirmier",
        "judge",
        "juge",
        "leader",
        "local",
        "maire",
        "madame",
        "mayor",
        "mister",
        "monsieur",
        "mother",
        "nurse",
        "officer",
        "officier",
        "pasteur",
        "pastor",
        "police",
        "prefet",
        "president",
        "priest",
        "quartier",
        "reporter",
        "reverend",
        "sister",
        "soeur",
        "sous",
        "source",
        "sultan",
        "teacher",
        "village",
        "ville",
        "women",
        "woman",
        "youth",
        "jeunes",
        "jeune",
        "with",
        "from",
        "pour",
        "dans",
        "the",
        "and",
        "des",
        "les",
        "une",
        "del",
        "von",
        "van",
        "est",
    ]
)
SHORT = 4  # letters from which a single word of a name gives it away
LEAST_DIGITS = 6  # of a contact that is a number
TAIL = 8  # digits by which a number is known, with or without its country's code

_GAP = r"[\s().\-/·]"
_RUN = re.compile(rf"(?<![\w°'=])(?<!\w[-/])(?:\+|00)?[(]?\+?\d(?:{_GAP}{{0,3}}\d)+(?![\w°'])")
_DAY = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/. ](?:0?[1-9]|1[0-2])[-/. ](?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2,6})?"
    r"|[0-2]?\d[:h][0-5]\d(?::[0-5]\d)?)(?!\d)"
)
_YEARS = re.compile(r"(?<![\d+])(?:19|20)\d\d(?:\s?[-/ ]\s?(?:19|20)\d\d)+(?!\d)")
# Ids and citations by their year: 2022-000123, AFR 19/013/2013, resolution 2127 (2013).
_OF_YEAR = re.compile(
    r"^(?:\d{1,4}[/-])?(?:19|20)\d\d[/-]\d+$|^[\d/]*/(?:19|20)\d\d$|^\d+ ?\((?:19|20)\d\d$"
)
_MONTH = re.compile(
    r"^\W{0,2}(?:jan|feb|fev|mar|apr|avr|may|mai|jun|juin|jul|juil|aug|aout|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_DECIMAL = re.compile(r"(?<![\d.])-?\d{1,3}[.,]\d{1,10}(?![\d.]|[ -]\d\d(?:\D|$))")
# Groups with bare commas between them (75,12,34,56); a list of ages has spaces too.
_COMMAS = re.compile(r"(?<![\d.,])\d{1,4}(?:,\d{2,4}){2,}(?![\d,]|\.\d)")
_ENCLOSED = re.compile(r"\((\d{1,4})\) ?")  # a group in parentheses: (75) 12 34 56
_SEVERAL = re.compile(r"\s*[/()·]\s+|\s+[/()·-]\s*")  # between two numbers, not within one
_CALLED = re.compile(
    r"(?:\b(?:son|leur|mon|votre|his|her|their|my|your|whose)\s+(?:n(?:[o°º]|um(?:ero|ber)|r)?|id)\b"
    r"|\b(?:son|leur|mon|votre|his|her|their|my|your|whose)\s+n[°º]"
    r"|\bt[ée]l(?:[ée]phone|ephone)?s?|\bphones?|\bmobile|\bcell(?:ulaire|phone)?|\bportable"
    r"|\bwhats?app|\bsms|\bcall(?:ed|s|ing)?|\bappel\w*|\bjoindre|\bjoignable|\bring|\bdial\w*"
    r"|\bcontact\w*)\W{0,4}(?:\w+\W{1,3}){0,2}$",
    re.IGNORECASE,
)
_IS_ID = re.compile(
    r"(?:#|\bn[o°º]\.?|\bid\.?|\bref\w*|\br[ée]f\w*|\bincidents?|\bevents?|\b[ée]v[ée]nements?|\bcase"
    r"|\bdossier|\breports?|\brapport|\bucdp|\bacled|\bged|\bticket|\bp-?code|\bcode|\bcas)"
    r"\W{0,4}(?:n[o°º]\.?\W{0,2})?$",
    re.IGNORECASE,
)
_IS_PLACE = re.compile(
    r"(?:\b[Ll]at(?:itude)?\b|\b[Ll]on(?:g(?:itude)?)?\b|\b(?:GPS|gps|MGRS|mgrs|UTM|utm)\b"
    r"|\b[Cc]oord\w*|\b[Gg]rid\b|\b[Gg]rille\b|\b\d\d[A-Z]{1,3}\b"
    r"|\b[NSEWO]\b)\W{0,4}(?:\w{1,5}\W+){0,2}$"
)
_THOUSANDS = re.compile(r"^\d{1,3}(?:[ .]\d{3})+$")


def plain_of(text: str) -> str:
    """Without accents, widths and cases; every space and dash the usual one."""
    text = re.sub(r"[\u00a0\u202f\u2000-\u200a\u3000]", " ", text)
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", text)
    text = re.sub(r"[\u2010-\u2015\u2212\uff0d]", "-", text).replace("\u2019", "'")
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in without_accents(text))


def words_of(text: str) -> list[str]:
    """Words in their order; one with an apostrophe stands in parts (d'Ali) and whole (N'Dele)."""
    found = []
    for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain_of(text).casefold()):
        found += word.split("'")
        if "'" in word:
            found.append(word.replace("'", ""))
    return found


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def phone_in(text: str) -> str:
    """The first number in the text that can be called; empty where there is none."""
    if sum(c.isdigit() for c in text) < LEAST_DIGITS:
        return ""
    whole = _COMMAS.sub(lambda match: match.group().replace(",", " "), plain_of(text))
    for found in (_DAY, _YEARS, _DECIMAL):
        whole = found.sub(lambda match: ";" * len(match.group()), whole)
    for match in _RUN.finditer(whole):
        before = whole[max(0, match.start() - 40) : match.start()]
        if _MONTH.match(whole[match.end() : match.end() + 8]):
            continue
        run = match.group().strip(" .-/")
        if any(_is_called(each, before) for each in (run, *_SEVERAL.split(run))):
            return run
    return ""


def _is_called(number: str, before: str) -> bool:
    number = _ENCLOSED.sub(r"\1 ", number)
    digits = _digits(number)
    count = len(digits)
    bare = number.strip("+() ")
    # Eight digits to the unit are hardly a count, but often a number: 70 123 456.
    thousands = bool(_THOUSANDS.match(bare)) and (count != TAIL or digits.endswith("000"))
    if number.lstrip("(").startswith("+") and not thousands:
        return 8 <= count <= 15
    if _CALLED.search(before):
        return LEAST_DIGITS <= count <= 15 and not (thousands and count < TAIL)
    if _IS_PLACE.search(before) or _OF_YEAR.match(bare):
        return False
    if bare.isdigit() and _IS_ID.search(before):
        return False
    if thousands:
        return 9 <= count <= 12 and not digits.endswith("000")
    if not 8 <= count <= 15:
        return False
    return _grouped_as_called(bare, digits)


def _grouped_as_called(bare: str, digits: str) -> bool:
    """Whether its groups are those of a telephone number."""
    if bare.isdigit():
        return not digits.endswith("000")
    groups = re.findall(r"\d+", bare)
    if all(len(group) == 1 for group in groups):
        return True
    one_gap = len(set(re.findall(r"\D+", bare))) == 1
    pairs = all(len(group) == 2 for group in groups)
    return (one_gap and (not pairs or len(groups) in (4, 5))) or digits.startswith("0")


def tells(
    text: str,
    names: Iterable[str],
    contacts: Iterable[str],
    places: str = "",
    *,
    is_whole: bool = False,
) -> bool:
    """Whether a text holds a name, a distinctive word of it, or a contact.

    ``places``: names of places the report is about, whose words are nobody's. ``is_whole``: a name
    is one only in full, of two words or more besides what somebody is; a contact, if it is a number
    or an address.
    """
    words = words_of(text)
    known = set(words)
    whole = f" {' '.join(words)} "
    nobody = PLAIN_WORDS | set(words_of(places))
    for name in names:
        parts = words_of(name)
        if is_whole:
            parts = [part for part in parts if part not in nobody]
            if len(parts) > 1 and f" {' '.join(parts)} " in whole:
                return True
            continue
        if parts and not set(parts) <= nobody and f" {' '.join(parts)} " in whole:
            return True
        if any(len(part) >= SHORT and part in known and part not in nobody for part in parts):
            return True
    return any(_holds_contact(text, contact, is_whole=is_whole) for contact in contacts)


def _holds_contact(text: str, contact: str, *, is_whole: bool) -> bool:
    plain, wanted = plain_of(text).casefold(), plain_of(contact).casefold().strip()
    for number in re.findall(rf"\+?\d(?:{_GAP}{{0,3}}\d)+", wanted):
        digits = _digits(number)
        if len(digits) >= LEAST_DIGITS and digits[-TAIL:] in re.sub(
            rf"(?<=\d){_GAP}{{1,3}}(?=\d)", "", plain
        ):
            return True
    handles = [part.strip(".,;") for part in wanted.split() if "@" in part]
    if any(len(part) >= SHORT and part in plain for part in handles):
        return True
    if is_whole:
        return False
    return len(wanted) >= SHORT and not wanted.isdigit() and wanted in plain


def require_sealed(
    texts: Mapping[str, Any],
    *,
    names: Iterable[str] = (),
    contacts: Iterable[str] = (),
    places: str = "",
    is_whole: bool = False,
) -> None:
    """Raise ValidationError by field for texts that tell who told, or hold a telephone number.

    The message says which text without repeating it: messages are kept and logged. ``is_whole``: as
    of ``tells``.
    """
    names, contacts = list(filter(None, names)), list(filter(None, contacts))
    errors = {}
    for field, text in texts.items():
        if not isinstance(text, str) or not text:
            continue
        if tells(text, names, contacts, places, is_whole=is_whole):
            errors[field] = gettext(
                "This text holds the name or contact of the informant. Take it out: it is sealed "
                "in the fields of its own, and stands nowhere else."
            )
        elif phone := phone_in(text):
            errors[field] = gettext(
                "This text holds what looks like a telephone number (it begins with “%(start)s”). "
                "Take it out: a contact is sealed in a field of its own."
            ) % {"start": phone[:2]}
    if errors:
        raise ValidationError(errors)


def sealed_in(informants: Iterable[Any]) -> dict[str, list[str]]:
    """Names and contacts of informants as ``require_sealed`` takes them.

    Where a key is lost nothing can be compared any more, and the report goes on.
    """
    found: dict[str, list[str]] = {"names": [], "contacts": []}
    with contextlib.suppress(InvalidToken):
        for informant in informants:
            found["names"].append(informant.name)
            found["contacts"].append(informant.contact)
    return found
