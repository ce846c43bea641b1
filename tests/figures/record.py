"""Twins of until when the record speaks."""

from __future__ import annotations

import datetime

from tests.figures.plain import World, received_on
from threats.models import RecordSpan


def speaks(world: World) -> dict[str, datetime.date]:
    """Until when each source speaks, as the clearance may know."""
    found: dict[str, datetime.date] = {}
    for row in RecordSpan.objects.filter(mission=world.mission).values():
        if row["classification"] <= world.clearance and row["since"] <= world.today:
            until = min(row["until"], world.today)
            found[row["dataset"]] = max(found.get(row["dataset"], until), until)
    own = [
        (row["start_date"], row["end_date"])
        for row in world.incidents
        if row["dataset"] not in ("acled", "ucdp")
    ] + [(day, day) for row in world.alerts if (day := received_on(row, world))]
    if own:
        newest = min(max(until for _since, until in own), world.today)
        found[""] = world.today if (world.today - newest).days <= 90 else newest
    return found


def sources(world: World) -> list[dict]:
    return [{"source": name, "until": until} for name, until in sorted(speaks(world).items())]


def no_record_since(world: World) -> datetime.date | None:
    end = max(speaks(world).values(), default=world.today)
    return end if end < world.today else None
