"""What the portal does with each kind of incident, and how datasets and the UN name such events.

``crosswalks.csv`` is the one table between kinds and other taxonomies: importers take their kinds
from it, and the page of crosswalks shows it. Sources: UCDP GED codebook (types of violence); ACLED
codebook of 2023 (event and sub-event types); the six grave violations against children of the
Special Representative of the Secretary-General for Children and Armed Conflict.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from threats.choices import GraveViolation, IncidentKind, ThreatKind

K = IncidentKind
TABLE = Path(__file__).parent / "crosswalks.csv"

# Kinds as people look for them: every kind stands in one group.
GROUPS: tuple[tuple[Promise, tuple[IncidentKind, ...]], ...] = (
    (_("Killing and attack"), (K.KILLING, K.ATTACK, K.INTERCOMMUNAL, K.SIEGE)),
    (_("Fighting and explosives"), (K.CLASH, K.BOMBARDMENT, K.EXPLOSIVE_ORDNANCE)),
    (
        _("Abduction, detention and ill-treatment"),
        (K.ABDUCTION, K.ARBITRARY_DETENTION, K.ENFORCED_DISAPPEARANCE, K.TORTURE),
    ),
    (
        _("Sexual violence and children"),
        (K.SEXUAL_VIOLENCE, K.CHILD_RIGHTS_VIOLATION, K.CHILD_RECRUITMENT),
    ),
    (
        _("Property and livelihood"),
        (K.LOOTING, K.CATTLE_RAIDING, K.EXTORTION, K.FORCED_DISPLACEMENT),
    ),
    (
        _("Schools, health care, relief and peacekeepers"),
        (
            K.ATTACK_ON_SCHOOL,
            K.ATTACK_ON_HEALTH_CARE,
            K.OCCUPATION,
            K.ATTACK_ON_AID,
            K.DENIAL_OF_AID,
            K.ATTACK_ON_PEACEKEEPERS,
        ),
    ),
    (_("Tension, movement and unrest"), (K.TENSION, K.TROOP_MOVEMENT, K.HATE_SPEECH, K.UNREST)),
    (_("Conduct of own and supported forces"), (K.OWN_FORCES, K.EXPLOITATION)),
    (_("Else"), (K.OTHER,)),
)

# The rule by which a report counts as violence against civilians though no number is known. An
# attack on peacekeepers is on others; hate speech is no violence; a mine may hurt nobody; the dead of
# intercommunal violence and of a clash are civilians where they are known to be.
AGAINST_CIVILIANS = frozenset(
    {
        K.KILLING,
        K.ATTACK,
        K.SIEGE,
        K.ABDUCTION,
        K.ARBITRARY_DETENTION,
        K.ENFORCED_DISAPPEARANCE,
        K.TORTURE,
        K.SEXUAL_VIOLENCE,
        K.CHILD_RIGHTS_VIOLATION,
        K.CHILD_RECRUITMENT,
        K.LOOTING,
        K.CATTLE_RAIDING,
        K.EXTORTION,
        K.FORCED_DISPLACEMENT,
        K.ATTACK_ON_SCHOOL,
        K.ATTACK_ON_HEALTH_CARE,
        K.ATTACK_ON_AID,
        K.OWN_FORCES,
    }
)
# Fighting: what civilians can be caught in between sides without blame.
FIGHTING = frozenset(
    {K.CLASH, K.BOMBARDMENT, K.EXPLOSIVE_ORDNANCE, K.INTERCOMMUNAL, K.ATTACK_ON_PEACEKEEPERS}
)
# Organised violence; with the kinds above, what the risk model counts.
ORGANISED_VIOLENCE = AGAINST_CIVILIANS | FIGHTING
# Signs of violence to come.
WARNINGS = frozenset({K.TROOP_MOVEMENT, K.TENSION, K.HATE_SPEECH, K.OCCUPATION, K.DENIAL_OF_AID})
# Told of, yet evidence of nothing to come.
NO_EVIDENCE = frozenset({K.UNREST, K.OTHER, K.EXPLOITATION})
# Grave whatever the number of those harmed.
GRAVE_KINDS = frozenset(
    {
        K.SEXUAL_VIOLENCE,
        K.CHILD_RIGHTS_VIOLATION,
        K.CHILD_RECRUITMENT,
        K.ABDUCTION,
        K.ENFORCED_DISAPPEARANCE,
        K.TORTURE,
        K.SIEGE,
        K.ATTACK_ON_SCHOOL,
        K.ATTACK_ON_HEALTH_CARE,
    }
)
# Those who fought are sides, whoever died in it; of other kinds whoever is named did it.
WITH_SIDES = frozenset({K.CLASH, K.INTERCOMMUNAL})
# Noted so that it is referred; of it no details are kept.
REFERRAL_ONLY = frozenset({K.EXPLOITATION})

# What threat such incidents make, where all of an actor's are of one; else attacks.
_THREATS: dict[IncidentKind, ThreatKind] = {
    K.EXPLOSIVE_ORDNANCE: ThreatKind.ORDNANCE,
    K.ABDUCTION: ThreatKind.ABDUCTION,
    K.ARBITRARY_DETENTION: ThreatKind.DETENTION,
    K.ENFORCED_DISAPPEARANCE: ThreatKind.DETENTION,
    K.TORTURE: ThreatKind.DETENTION,
    K.SEXUAL_VIOLENCE: ThreatKind.SEXUAL_VIOLENCE,
    K.CHILD_RIGHTS_VIOLATION: ThreatKind.CHILD_RIGHTS,
    K.CHILD_RECRUITMENT: ThreatKind.CHILD_RIGHTS,
    K.LOOTING: ThreatKind.LOOTING,
    K.CATTLE_RAIDING: ThreatKind.LOOTING,
    K.EXTORTION: ThreatKind.LOOTING,
    K.FORCED_DISPLACEMENT: ThreatKind.DISPLACEMENT,
}


def threat_of(kinds: Iterable[str]) -> ThreatKind:
    """The type of threat that incidents of these kinds make together."""
    found = {_THREATS.get(IncidentKind(kind), ThreatKind.ATTACKS) for kind in kinds}
    return found.pop() if len(found) == 1 else ThreatKind.ATTACKS


def grouped_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds by group, for a menu."""
    return [
        (str(label), [(kind.value, str(kind.label)) for kind in kinds]) for label, kinds in GROUPS
    ]


class Counterpart(NamedTuple):
    """What one taxonomy calls a kind.

    ``code``: UCDP's type of violence, ACLED's event type or a GraveViolation; "" where it knows no
    such event. ``detail``: ACLED's sub-event type, "" for all others of the event type. ``when``:
    of a dataset "always" or "deadly" where an importer makes that kind of it, "" where it may be
    such an event but does not say so; of a grave violation "always", or "children" where victims
    are.
    """

    kind: str
    scheme: str
    code: str
    detail: str
    when: str


@cache
def counterparts() -> tuple[Counterpart, ...]:
    """The table, in its order. Raises ValueError for a kind or grave violation that is none."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        found = tuple(Counterpart(**row) for row in csv.DictReader(file))
    for row in found:
        IncidentKind(row.kind)
        if row.scheme == "grave_violation" and row.code:
            GraveViolation(row.code)
    return found


@cache
def taken_from(scheme: str) -> Mapping[tuple[str, str], tuple[IncidentKind, IncidentKind]]:
    """Kinds an importer makes of (code, detail): where nobody is known dead, and where some are.

    The twofold key of an event type alone has "" for detail.
    """
    found: dict[tuple[str, str], tuple[IncidentKind, IncidentKind]] = {}
    for row in sorted(counterparts(), key=lambda row: row.when):  # always before deadly
        key, kind = (row.code, row.detail), IncidentKind(row.kind)
        if row.scheme == scheme and row.when == "always":
            found[key] = (kind, kind)
        elif row.scheme == scheme and row.when == "deadly":
            found[key] = (found[key][0], kind)
    return found


@cache
def grave_violation_of(kind: str) -> tuple[GraveViolation | None, bool]:
    """The grave violation a kind is, and whether only where its victims are children."""
    for row in counterparts():
        if row.kind == kind and row.scheme == "grave_violation" and row.code:
            return GraveViolation(row.code), row.when == "children"
    return None, False


def kinds_of_grave(violation: str) -> tuple[list[IncidentKind], list[IncidentKind]]:
    """Kinds that always are a grave violation, and those that are where victims are children."""
    found: tuple[list[IncidentKind], list[IncidentKind]] = ([], [])
    for kind in IncidentKind:
        grave, is_of_children = grave_violation_of(kind)
        if grave == violation:
            found[is_of_children].append(kind)
    return found


# What a report that is only referred may not hold: anything by which people could be known.
DETAILS = (
    "notes", "victims", "grave_violations", "deaths_low", "deaths_best", "deaths_high",
    "civilian_deaths", "injured", "abducted", "displaced", "said_against_civilians", "place_name",
    "longitude",
)  # fmt: skip


def details_refused(incident: Any) -> dict[str, str]:
    """By field, what must not be kept of an incident that is only referred."""
    if incident.kind not in REFERRAL_ONLY:
        return {}
    return {
        name: referral() for name in DETAILS if getattr(incident, name) not in (None, "", {}, [])
    }


def require_only_referred(kind: str, *, names_actor: bool, names_informant: bool) -> None:
    """Raise ValidationError for a report that is only referred and still says who did it or told."""
    if kind in REFERRAL_ONLY and (names_actor or names_informant):
        raise ValidationError({"kind": referral()})


def referral() -> str:
    """Where sexual exploitation and abuse is to be referred, and that nothing of it stays here."""
    return gettext(
        "No details of sexual exploitation or abuse are kept here. Report it at once to the conduct "
        "and discipline team or to the Office of Internal Oversight Services, and refer the person, "
        "with their consent, to the victims' rights officer for assistance."
    )
