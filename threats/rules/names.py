"""What the name of an actor says of it: a people, a force of a state, or a group.

A first guess, for people to correct. A people or faith is never an armed group by its name alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext_noop

from poc_portal.tabular.names import sort_key, without_accents
from threats.choices import ActorKind

SHIPPED = Path(__file__).parent / "peoples.txt"
# Who is behind intercommunal violence, until a person says more. Shown in the reader's language.
UNESTABLISHED = gettext_noop("Community-based militia, identity not established")

_WORDS = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_PLACE = re.compile(r"\([^()]*\)")
# Words by which a name says that it is an organisation, though a people stands in it.
_ORGANISED = re.compile(
    r"\b(?:ansar|army|armies|armée|armee|alliance|battalions?|brigades?|brotherhood|coalition|command|"
    r"committees?|congress|corps|council|defen[cs]e|defenders|divisions?|eagles|fighters|forces?|"
    r"fronts?|gendarmerie|government|guards?|harakat|insurgents|jabhat|jaysh|jund|katibat?|legion|"
    r"liberation|liwa|militias?|milice|mouvement|movement|mujahid[ei]+n|national|network|organi[sz]ation|"
    r"party|patriots?|peshmerga|police|popular|rebels?|regiments?|resistance|self|state|union|units?|"
    r"vigilantes?|volunteers|warriors|youths?)\b",
    re.IGNORECASE,
)
_COMMUNAL = re.compile(
    r"\b(?:clans?|sub-?clans?|tribes?|tribal|tribus?|ethni\w+|communal|communit(?:y|ies)|"
    r"communauté\w*|herders?|farmers?|pastoralists?|nomads?|villagers|éleveurs|agriculteurs)\b",
    re.IGNORECASE,
)

_FORCES = (
    r"(?:armed|military|security|defen[cs]e|air|naval|ground|land) forces?|army|military|police|"
    r"policia|gendarmerie|navy|air force|coast ?guard|border guards?|national guard|"
    r"republican guard|presidential guard|prison service|intelligence (?:service|agency)"
)
_STATES = (
    r"afghan\w*|algeria\w*|angola\w*|armenia\w*|azerbaijan\w*|bangladesh\w*|benin\w*|botswana|"
    r"burkina\w*|burund\w*|cambodia\w*|cameroon\w*|central african(?: republic)?|chad\w*|"
    r"colombia\w*|congo\w*|croatia\w*|djibouti\w*|egypt\w*|eritrea\w*|eswatini|ethiopia\w*|"
    r"french|gabon\w*|gambia\w*|georgia\w*|ghana\w*|guatemala\w*|guinea\w*|haiti\w*|hondura\w*|"
    r"india\w*|indonesia\w*|iran\w*|iraq\w*|israel\w*|ivor\w*|jordan\w*|kenya\w*|lebanes\w*|"
    r"lebanon|lesotho|liberia\w*|libya\w*|malawi\w*|mali|malian|mauritania\w*|mexic\w*|morocc\w*|"
    r"mozambi\w*|myanmar|namibia\w*|nepal\w*|niger|nigerien|nigeria\w*|pakistan\w*|peru\w*|"
    r"philippine\w*|russia\w*|rwanda\w*|saudi\w*|senegal\w*|serbia\w*|sierra leon\w*|somali\w*|"
    r"south africa\w*|south sudan\w*|sri lanka\w*|sudan\w*|syria\w*|tanzania\w*|thai\w*|togo\w*|"
    r"tunisia\w*|turk(?:ey|ish)|uganda\w*|ukrain\w*|venezuela\w*|yemen\w*|zambia\w*|zimbabwe\w*|"
    r"(?:the )?state"
)
_STATE = re.compile(
    r"^(?:the )?(?:"
    r"government of\b|(?:military|police) forces of\b|"
    rf"(?:{_STATES})(?: people'?s| national| royal| arab| republic| federal)* (?:{_FORCES})\b|"
    rf"(?:national |federal |state |royal )?(?:{_FORCES}) (?:of|in) (?:the )?(?:(?:democratic |islamic )?republic of (?:the )?)?(?:{_STATES})\b|"
    r"(?:national|federal|state|provincial|local|traffic|border|military|riot|special) "
    r"(?:police|gendarmerie|army|guard|security forces)(?: force| service)?\b(?! (?:of|for) )|"
    r"(?:republican|presidential|border) guards?\b|internal security forces\b|"
    r"(?:police|gendarmerie|army|armed forces|gendarmes|policemen)\s*(?:\(|$)|"
    r"(?:police|gendarmerie|garde|armee|forces armees|forces de securite|"
    r"forces de defense(?: et de securite)?)"
    r" (?:nationales?|republicaines?|presidentielles?|interieures?|centrafricaines?|congolaises?|tchadiennes?|"
    r"maliennes?|nigeriennes?|burkinabe|camerounaises?|rwandaises?|burundaises?|senegalaises?|"
    r"francaises?|ivoiriennes?|guineennes?|haitiennes?)\b|"
    r"(?:police|gendarmerie|garde presidentielle|armee|forces armees) (?:de|du|des|d['’]) ?\w+|"
    r"(?:rapid support forces|central reserve police|popular mobili[sz]ation forces|garde republicaine|"
    r"auxiliary police|police auxiliaries|state paramilitar\w+|paramilitary (?:police|forces?) of)\b|"
    r"(?:faca|fardc|ssnps|sspdf|rsf|saf|endf|updf|rdf|fama|fds|fdsi|isf)\s*(?:\(|$)|"
    r"(?:(?:syrian )?national defen[cs]e forces?|ndf)\s*\(syria\)"
    r")",
    re.IGNORECASE,
)
_POLICE = re.compile(
    r"\b(?:police|policia|policemen|gendarmerie|gendarmes|ssnps)\b(?!.*\b(?:army|military)\b)",
    re.IGNORECASE,
)
# Private military companies by the names they are known by; a word for the trade says it too.
_PRIVATE = re.compile(
    r"^(?:the )?(?:wagner(?: group| pmc)?|pmc wagner|groupe wagner|africa corps|redut|"
    r"black shield|sewa security services|dyck advisory group|executive outcomes)\s*(?:\(|$)|"
    r"\b(?:private (?:military|security) (?:compan\w+|contractors?|forces?)|"
    r"societes? (?:militaires?|de securite) privees?)\b",
    re.IGNORECASE,
)
_UN = re.compile(
    r"^(?:the )?(?:(?:un|united nations) (?:forces?|peace-?keep\w+|police|troops|multidimensional|"
    r"mission|stabili[sz]ation|organi[sz]ation stabili[sz]ation|interim force|interim security force)\b|"
    r"(?:forces?|police) (?:of|de) (?:the )?(?:un|united nations|l['’]onu|nations unies)\b|"
    r"(?:minusca|minusma|monusco|monuc|unmiss|unamid|unisfa|unifil|undof|unficyp|minustah|minujusth|"
    r"unmil|unoci|onuci|minurcat|unsmil)\s*(?::|\(|$))",
    re.IGNORECASE,
)
# Names that speak of an army, yet not of a state's.
_NOT_STATE = re.compile(
    r"\b(?:allied|alliance|breakaway|council|democratic forces|dissident\w*|ex|factions?|former|free|front|insurgents?|"
    r"islamic (?:army|state)|liberation|movement|mutin\w+|opposition|patriotic|popular army|rebel\w*|"
    r"resistance|revolution\w*|secession\w*|self|separatist\w*)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, ...]:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def shipped_peoples() -> list[str]:
    """Names of peoples and faiths as shipped, for a mission to change."""
    return list(_shipped())


@lru_cache(maxsize=64)
def _keys(peoples: tuple[str, ...]) -> frozenset[str]:
    return frozenset(" ".join(_words(name)) for name in peoples)


def _words(name: str) -> list[str]:
    return _WORDS.findall(sort_key(name).lower())


def is_listed(name: str, peoples: Iterable[str]) -> bool:
    """Whether a name is that of a people or faith on the list, and of no organisation.

    “Dinka Rek” and “Muslims (Bangui)” stand for “Dinka” and “Muslims”; “Nuer White Army” does not
    for “Nuer”. A place in parentheses, case and accents are disregarded.
    """
    plain = _PLACE.sub(" ", name)
    if _ORGANISED.search(plain):
        return False
    keys, words = _keys(tuple(peoples)), _words(plain)
    singles = [word.removesuffix("s") for word in words]
    return any(
        " ".join(part[:length]) in keys or " ".join(part[-length:]) in keys
        for part in (words, singles)
        for length in range(1, len(part) + 1)
    )


def seems_communal(name: str, peoples: Iterable[str]) -> bool:
    """Whether a name is listed, or says itself that it is of a clan, a tribe or a community."""
    return is_listed(name, peoples) or (
        bool(_COMMUNAL.search(name)) and not _ORGANISED.search(_PLACE.sub(" ", name))
    )


def is_state_force(name: str) -> bool:
    """Whether a name is that of a state's forces, police, gendarmerie or paramilitary forces."""
    plain = without_accents(name.strip())
    if not _STATE.search(plain):
        return False
    return plain.lower().startswith("government of") or not _NOT_STATE.search(plain)


def members_named(name: str) -> list[str]:
    """The names in that of a coalition, as datasets join them with commas; else the name alone."""
    return name.split(", ")


def kind_of_actor(name: str) -> str:
    """A first guess of an actor's kind from its name; who is a people is not told here.

    Only what a name says beyond mistaking: that a force is foreign depends on where it stands.
    """
    lower, plain = name.lower(), without_accents(name.strip())
    if _UN.search(plain):
        return ActorKind.UN_FORCES
    if _PRIVATE.search(plain):
        return ActorKind.PRIVATE_MILITARY
    if is_state_force(name):
        is_police = _POLICE.search(plain) and not lower.startswith("government of")
        return ActorKind.POLICE if is_police else ActorKind.STATE_FORCES
    if "self-defen" in lower or "self defen" in lower or "vigilante" in lower:
        return ActorKind.SELF_DEFENCE_GROUP
    if "militia" in lower:
        return ActorKind.MILITIA
    if "bandit" in lower or "zaraguina" in lower:
        return ActorKind.BANDITS
    if lower.startswith("unidentified"):
        return ActorKind.UNKNOWN
    return ActorKind.NON_STATE_ARMED_GROUP
