"""The shipped catalogue of typical activities: loading it, and what of it fits a cell."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from missions.choices import ComponentKind
from missions.models import Component, Mission
from strategies.choices import Tier
from strategies.models import CatalogueActivity
from threats.choices import Phase, ThreatKind
from threats.models import Threat

FILE = Path(__file__).parent.parent / "data" / "catalogue.csv"
Key = tuple[int, str]  # tier, phase


@transaction.atomic
def load_catalogue() -> int:
    """Bring the catalogue to what the file says. Returns the number of entries.

    Raises ValueError for a code that is no tier, phase, kind of component or type of threat.
    """
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = []
    for row in rows:
        entry = {
            "tier": Tier(int(row["tier"])),
            "phase": Phase(row["phase"]),
            "components": [ComponentKind(kind) for kind in row["components"].split(";")],
            "threat_kinds": [ThreatKind(kind) for kind in row["threat_kinds"].split(";") if kind],
            "title_en": row["en"],
            "title_fr": row["fr"],
        }
        CatalogueActivity.objects.update_or_create(code=row["code"], defaults=entry)
        kept.append(row["code"])
    CatalogueActivity.objects.exclude(code__in=kept).delete()
    return len(kept)


def suggestions(mission: Mission, user, threat: Threat) -> dict[Key, list[CatalogueActivity]]:
    """Entries for each cell of a threat's matrix that the components present could do.

    Those made for this type of threat come before those for any.
    """
    kinds = list(
        Component.objects.visible_to(user)
        .filter(mission=mission)
        .values_list("kind", flat=True)
        .distinct()
    )
    found: dict[Key, list[CatalogueActivity]] = {}
    for entry in CatalogueActivity.objects.fitting(threat.kind, kinds):
        found.setdefault((entry.tier, entry.phase), []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: (not entry.threat_kinds, entry.pk))
    return found
