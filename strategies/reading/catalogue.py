"""The shipped catalogue of typical activities: loading it, and what of it fits a cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from missions.access import only_visible
from missions.choices import ComponentKind
from missions.models import Component, Mission
from strategies.choices import Caution, Tier
from strategies.models import CatalogueActivity
from strategies.models.titles import catalogue_rows, catalogue_titles
from threats.choices import FAMILY_OF, ActorFamily, Phase, ThreatKind
from threats.models import Threat

Key = tuple[int, str]  # tier, phase


@transaction.atomic
def load_catalogue() -> int:
    """Bring the catalogue to what its files say. Returns the number of entries.

    ``activities.csv`` has an entry a row, ``titles.<language>.csv`` their titles in a language; one
    that lacks some falls back on English. Raises ValueError for a code that is no tier, phase, kind
    of component, type of threat, kind of perpetrator or caution, KeyError for an entry without an English title.
    """
    titles = catalogue_titles()
    codes = []
    for row in catalogue_rows("activities.csv"):
        code = row["code"]
        entry = {
            "tier": Tier(int(row["tier"])),
            "phase": Phase(row["phase"]),
            "components": [ComponentKind(kind) for kind in row["components"].split(";")],
            "threat_kinds": [ThreatKind(kind) for kind in row["threat_kinds"].split(";") if kind],
            "perpetrators": [ActorFamily(one) for one in row["perpetrators"].split(";") if one],
            "cautions": [Caution(one) for one in row["cautions"].split(";") if one],
            "titles": {
                settings.LANGUAGE_CODE: titles[code][settings.LANGUAGE_CODE],
                **titles[code],
            },
        }
        CatalogueActivity.objects.update_or_create(code=code, defaults=entry)
        codes.append(code)
    CatalogueActivity.objects.exclude(code__in=codes).delete()
    return len(codes)


@dataclass
class Suggestions:
    """What of the catalogue a cell is offered, and what is kept from it and why."""

    offered: list[CatalogueActivity] = field(default_factory=list)
    withheld: list[tuple[CatalogueActivity, Caution]] = field(default_factory=list)


def families_of(user, threat: Threat) -> set[str]:
    """Kinds of perpetrator or party (ActorFamily) a threat has, as the user may see them."""
    seen = only_visible(user, [*threat.perpetrators.all(), *threat.parties.all()])
    return {FAMILY_OF[actor.kind] for actor in seen if actor.kind in FAMILY_OF}


def to_begin_with(
    mission: Mission, user, threats: Sequence[Threat], phase: str, tiers: Sequence[int]
) -> CatalogueActivity | None:
    """The entry offered first at a place of these threats, the gravest first, in a phase.

    The first of the file, in the first of ``tiers`` that has any: one that a component present
    usually does, withheld from none of the threats, and that supports no force.
    """
    components = Component.objects.visible_to(user).filter(mission=mission)
    kinds = list(components.order_by().values_list("kind", flat=True).distinct())
    kind = threats[0].kind if threats else ""
    families = {family for threat in threats for family in families_of(user, threat)}
    entries = [
        entry
        for entry in CatalogueActivity.objects.fitting(kind, kinds).filter(phase=phase)
        if entry.withheld_from(families) is None
        and entry.fits(families)
        and not entry.supports_a_force
    ]
    return next((entry for tier in tiers for entry in entries if entry.tier == tier), None)


def suggestions(mission: Mission, user, threat: Threat) -> dict[Key, Suggestions]:
    """Entries for each cell of a threat's matrix that the components present could do.

    Those made for this type of threat come before those for any. Against a state force nothing is
    offered that warns it or places it beside the people.
    """
    kinds = list(
        Component.objects.visible_to(user)
        .filter(mission=mission)
        .values_list("kind", flat=True)
        .distinct()
    )
    families = families_of(user, threat)
    found: dict[Key, Suggestions] = defaultdict(Suggestions)
    for entry in CatalogueActivity.objects.fitting(threat.kind, kinds):
        caution = entry.withheld_from(families)
        if caution is not None:
            found[entry.tier, entry.phase].withheld.append((entry, caution))
        elif entry.fits(families):
            found[entry.tier, entry.phase].offered.append(entry)
    for cell in found.values():
        cell.offered.sort(key=lambda entry: (not entry.threat_kinds, entry.pk))
    return dict(found)
