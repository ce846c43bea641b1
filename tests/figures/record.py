"""Twins of until when the record speaks."""

from __future__ import annotations

import datetime

from tests.figures.plain import World, received_on
from threats.models import RecordSpan


def told_days(world: World, first: datetime.date, last: datetime.date) -> int:
    """Of the days from first to last, those any source tells of, day by day."""
    spans = [
        (row["since"], row["until"])
        for row in RecordSpan.objects.filter(mission=world.mission).values()
        if row["classification"] <= world.clearance
    ]
    today = world.mission.today
    own = [span for span in _own(world) if span[0] <= today]
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(
        day <= today
        and (any(since <= day <= until for since, until in spans) or _is_filed(own, day, today))
        for day in days
    )


def _is_filed(
    own: list[tuple[datetime.date, datetime.date]], day: datetime.date, today: datetime.date
) -> bool:
    """Whether own reports go on over a day: at most three months lie between those around it."""
    earlier = [until for since, until in own if since <= day]
    if not earlier:
        return False
    newest = max(earlier)
    following = min((since for since, _until in own if since > day), default=None)
    until = today if following is None else following - datetime.timedelta(days=1)
    return newest >= day or (until - newest).days <= 90


def or_untold(world: World, count: int, first: datetime.date, last: datetime.date) -> int | None:
    """A count of events; nothing is known, and it is not 0, where no source tells of those days."""
    return count if count or told_days(world, first, last) else None


def _own(world: World) -> list[tuple[datetime.date, datetime.date]]:
    """Of each own report and alert the days it may tell of."""
    return [
        (row["start_date"], row["end_date"])
        for row in world.incidents
        if row["dataset"] not in ("acled", "ucdp")
    ] + [(day, day) for row in world.alerts if (day := received_on(row, world))]


def speaks(world: World) -> dict[str, datetime.date]:
    """Until when each source speaks, as the clearance may know."""
    found: dict[str, datetime.date] = {}
    for row in RecordSpan.objects.filter(mission=world.mission).values():
        if row["classification"] <= world.clearance and row["since"] <= world.today:
            until = min(row["until"], world.today)
            found[row["dataset"]] = max(found.get(row["dataset"], until), until)
    own = _own(world)
    if own:
        newest = min(max(until for _since, until in own), world.today)
        found[""] = world.today if (world.today - newest).days <= 90 else newest
    return found


def sources(world: World) -> list[dict]:
    return [{"source": name, "until": until} for name, until in sorted(speaks(world).items())]


def no_record_since(world: World) -> datetime.date | None:
    end = max(speaks(world).values(), default=world.today)
    return end if end < world.today else None
