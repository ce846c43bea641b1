"""Twins of what pages and resources of single records tell."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

from strategies.models import Indicator, Measurement, Objective, Strategy
from tests.figures import record
from tests.figures.plain import Row, World
from tests.figures.told_records import PAGES_OF
from tests.figures.twins import (
    COMMUNITIES,
    SITES,
    Twin,
    _change,
    away,
    gaps,
    helping,
    is_overdue,
    matrix,
    ranked,
    score_of,
    uncovered_rows,
    unreached,
    upper,
)
from tests.figures.weekly import Weekly
from threats.models import EvidenceSums, RiskModel, RiskState
from threats.risk.documented import DOCUMENTED
from threats.scoring.comparison import evidence_likelihoods

# ── Communities ───────────────────────────────────────────────────────────────────────────────────


def known(*numbers: int | None) -> int | None:
    """Their sum; None where none is known."""
    found = [number for number in numbers if number is not None]
    return sum(found) if found else None


def residents(place: Row) -> int | None:
    return None if place["kind"] in SITES else place["population"]


def displaced(place: Row) -> int | None:
    """At a site whoever stands in either field, once."""
    if place["kind"] not in SITES:
        return place["displaced_population"]
    both = [n for n in (place["population"], place["displaced_population"]) if n is not None]
    return max(both) if both else None


def people(place: Row) -> int | None:
    return known(residents(place), displaced(place))


COMMUNITY_ROWS: dict[str, Twin] = {
    **{
        name: COMMUNITIES[name]
        for name in (
            "probability", "band", "change", "is_silent", "scored_for", "active_threats",
            "live_activities", "gap",
        )
    },
    "people": lambda w: {row["id"]: people(row) for row in w.communities},
    "no_record_since": lambda w: {row["id"]: record.no_record_since(w) for row in w.communities},
}  # fmt: skip


def shown(world: World) -> list[Row]:
    """Communities whose pages are opened: the largest expected number first, those without last."""
    return sorted(
        world.communities,
        key=lambda row: (
            score_of(world, row)["expected"] is not None,
            -(score_of(world, row)["expected"] or 0),
            row["id"],
        ),
    )[:PAGES_OF]


def rank(world: World, score: Row) -> int:
    others = [row for row in world.every_score if row["horizon"] == score["horizon"]]
    return 1 + sum(row["expected"] > score["expected"] for row in others)


def said_rank(world: World, place: Row) -> str | None:
    score = score_of(world, place)
    if score["expected"] is None:
        return None
    everyone = [row["expected"] for row in world.scores]
    usual = sum(everyone) / len(everyone)
    words = f"rank {rank(world, score)} of {len(everyone)}"
    return (
        f"{round(score['expected'] / usual, 1):.1f} times the usual rate · {words}"
        if usual
        else words
    )


def ninety(world: World, place: Row) -> float | None:
    found = [row for row in world.every_score if row["community_id"] == place["id"]]
    return next((row["probability"] for row in found if row["horizon"] == 90), None)


def nearest(world: World, place: Row) -> tuple[Row, float] | None:
    bases = helping(world)
    usable = [post for post in bases if post["strength"] != "unknown"] or bases
    if not usable:
        return None
    found = min(usable, key=lambda post: (away(place, post), post["id"]))
    return found, away(place, found)


def hours(world: World, place: Row) -> float | None:
    found = nearest(world, place)
    return None if found is None else round(found[1] / world.rules.travel_speed, 6)


def in_time(world: World, place: Row) -> bool | None:
    found = nearest(world, place)
    if found is None:
        return None
    return found[0]["strength"] != "unknown" and hours(world, place) <= world.rules.reach_hours


def history(world: World, place: Row) -> list[float] | None:
    """Percents of each kept day before today's score, and of that one."""
    score = score_of(world, place)
    if score["date"] is None:
        return None
    earlier = [
        row for row in world.history
        if row["community_id"] == place["id"] and row["date"] < score["date"]
    ]  # fmt: skip
    rows = [*sorted(earlier, key=lambda row: row["date"]), score]
    return [round(100 * row["probability"], 1) for row in rows]


def _per_page(figure) -> Twin:
    return lambda w: {row["id"]: figure(w, row) for row in shown(w)}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 6)


COMMUNITY_PAGES: dict[str, Twin] = {
    "standing": _per_page(said_rank),
    "in_90_days": _per_page(ninety),
    "change": _per_page(lambda w, row: _change(score_of(w, row))),
    "people": _per_page(lambda w, row: people(row)),
    "residents": _per_page(lambda w, row: residents(row)),
    "displaced": _per_page(lambda w, row: displaced(row)),
    "km": _per_page(lambda w, row: (nearest(w, row) or (None, None))[1] and round(nearest(w, row)[1], 6)),
    "hours": _per_page(hours),
    "base": _per_page(lambda w, row: (found := nearest(w, row)) and found[0]["id"]),
    "in_time": _per_page(in_time),
    "parts": _per_page(lambda w, row: _rounded(score_of(w, row)["expected"])),
    "history": _per_page(history),
}  # fmt: skip

# ── Scores ────────────────────────────────────────────────────────────────────────────────────────


def contributions(world: World, score: Row) -> dict[str, float]:
    """Expected incidents by term: the stored sums up to the clearance, aged, weighed, damped."""
    state = RiskState.objects.get(mission=world.mission)
    stored = RiskModel.objects.get(pk=score["model_id"])
    coefficients = stored.coefficients["horizons"][str(score["horizon"])]
    age = (score["date"] - state.landmark).days
    aged: Counter[str] = Counter()
    for row in EvidenceSums.objects.filter(community=score["community_id"]).values():
        if row["classification"] <= score["clearance"]:
            for term, value in zip(state.terms, row["values"], strict=True):
                half_life = float(term.split("_")[-2].removesuffix("d"))
                aged[term] += value * 2 ** (-age / half_life)
    memory = sum(
        value for term, value in aged.items()
        if term.endswith("_2500d_100km") and not term.startswith("warnings")
    )  # fmt: skip
    factor = (1 + memory) ** -coefficients["damping"]
    found = {"background": factor * coefficients["background"]}
    for term, value in aged.items():
        if part := factor * value * coefficients["weights"].get(term, 0.0):
            found[term] = part
    return found


def _stored(name: str) -> Twin:
    return lambda w: {row["id"]: row[name] for row in w.every_score}


RISK_SCORES: dict[str, Twin] = {
    **{
        name: _stored(name)
        for name in ("expected", "probability", "band", "week_before", "is_silent", "date")
    },
    "rank": lambda w: {row["id"]: rank(w, row) for row in w.every_score},
    "contributions": lambda w: {row["id"]: contributions(w, row) for row in w.every_score},
    "is_prior": lambda w: {
        row["id"]: RiskModel.objects.get(pk=row["model_id"]).mission_id is None
        for row in w.every_score
    },
    "no_record_since": lambda w: {row["id"]: record.no_record_since(w) for row in w.every_score},
}


def _kept(name: str) -> Twin:
    return lambda w: {row["id"]: row[name] for row in w.every_history}


RISK_HISTORY = {
    name: _kept(name) for name in ("expected", "probability", "band", "date", "is_reconstructed")
}

# ── Threats, indicators, quality, presence ────────────────────────────────────────────────────────


def evidence(world: World) -> dict[int, int | None]:
    """What it says has a twin of its own in ``test_like_with_like``; here, of which threats."""
    from missions.access import Reader
    from threats.models import Threat

    reader = Reader.cleared(world.mission, world.clearance)
    live = [row["id"] for row in world.threats if row["status"] in ("active", "proposed")]
    found = evidence_likelihoods(
        world.mission, reader, list(Threat.objects.filter(pk__in=live).order_by("pk"))
    )
    return {row["id"]: found.get(row["id"]) for row in world.threats}


def _assessed(figure) -> Twin:
    return lambda w: {
        row["id"]: None if row["assessed"] is None else figure(*row["assessed"])
        for row in w.threats
    }


def disagrees(world: World) -> dict[int, bool | None]:
    said = evidence(world)
    return {
        row["id"]: None
        if row["assessed"] is None or said[row["id"]] is None
        else abs(row["assessed"][0] - said[row["id"]]) >= 2
        for row in world.threats
    }


THREATS: dict[str, Twin] = {
    "likelihood": _assessed(lambda likelihood, impact: likelihood),
    "impact": _assessed(lambda likelihood, impact: impact),
    "risk": _assessed(lambda likelihood, impact: likelihood * impact),
    "assessed_at": lambda w: {row["id"]: row["assessed_at"] for row in w.threats},
    "evidence_likelihood": evidence,
    "disagrees": disagrees,
}


def progress(world: World) -> dict[int, float | None]:
    """The way from baseline to target by what was measured last, through all versions."""

    def seen(model) -> list[Row]:
        return [
            row for row in model.objects.filter(mission=world.mission).order_by("pk").values()
            if row["classification"] <= world.clearance and row["withdrawn_at"] is None
        ]  # fmt: skip

    strategies = {
        row["id"]
        for row in Strategy.objects.filter(mission=world.mission).values()
        if row["classification"] <= world.clearance and row["withdrawn_at"] is None
    }
    objectives = {
        row["id"] for row in Objective.objects.values() if row["strategy_id"] in strategies
    }
    found = {}
    for row in Indicator.objects.order_by("pk").values():
        if row["objective_id"] not in objectives:
            continue
        first = row["first_id"] or row["id"]
        measured = sorted(
            (one["day"], one["id"], one["value"])
            for one in Measurement.objects.values()
            if one["indicator_id"] == first and one["withdrawn_at"] is None
        )
        way = row["target"] - row["baseline"]
        found[row["id"]] = (measured[-1][2] - row["baseline"]) / way if measured else None
    return found


def documented(world: World) -> int | None:
    span = DOCUMENTED.get(world.mission.code)
    if span is None or not any(row["start_date"] < span.first for row in world.incidents):
        return None
    return sum(
        row["against_civilians"] and span.first <= row["start_date"] <= span.last
        for row in world.incidents
    )


QUALITY: dict[str, Twin] = {
    "silent": lambda w: sum(row["is_silent"] for row in w.scores),
    "communities": lambda w: len(w.communities),
    "nowhere": lambda w: sum(
        row["place_precision"] == "country" or row["longitude"] is None for row in w.incidents
    ),
    "documented": documented,
}

PRESENCE_PAGE: dict[str, Twin] = {
    "bases": lambda w: len(helping(w)),
    "unknown": lambda w: sum(row["strength"] == "unknown" for row in helping(w)),
    "judged": lambda w: len(w.scores),
    "endangered": lambda w: len(upper(w)),
    "unreached_total": lambda w: len(unreached(w)),
}


def since(days: int) -> dict[str, Twin]:
    return {
        "covered_share": lambda w: [cell[-1] for cell in matrix(w)],
        "share_before": lambda w: [cell[-1] for cell in matrix(w.on(w.days(days)))],
    }


# ── The rows of a brief ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class BriefRows(Weekly):
    """Values in the rows of the brief of the week that begins on the Monday ``week``."""

    def twins(self) -> dict[str, Twin]:
        return {
            "risen": self.rows_risen,
            "uncovered": self.rows_uncovered,
            "gaps": lambda w: gaps(w.on(self.last(w)))[:11],
            "late": self.rows_late,
        }

    def rows_risen(self, world: World) -> list[tuple]:
        days = self.scored(world)
        if days is None:
            return []
        before, day = days
        standing = [row for row in world.scores if row["date"] == day]
        later = standing or [row for row in world.history if row["date"] == day]
        earlier = {
            row["community_id"]: row["probability"]
            for row in world.history
            if row["date"] == before
        }
        now = {row["community_id"]: row["probability"] for row in later}
        risen = [row for row in later if row["probability"] > earlier.get(row["community_id"], 1.0)]
        return [
            (place, earlier[place], now[place], len(near))
            for place, near in ranked(
                world, lambda row: row["probability"] - earlier[row["community_id"]], risen
            )
        ]

    def rows_uncovered(self, world: World) -> list[tuple]:
        day, then = self.last(world), world
        if day < world.today:
            then = world.on(day)
            if not any(row["date"] == day for row in world.scores):
                then.scores = self._kept_until(world, day)
        places = World.by_id(world.communities)
        return [
            (*row, people(places[row[0]]), score_of(then, places[row[0]])["probability"])
            for row in uncovered_rows(then)[:6]
        ]

    @staticmethod
    def _kept_until(world: World, day: datetime.date) -> list[Row]:
        week = datetime.timedelta(days=6)
        near = {row["date"] for row in world.history if day - week <= row["date"] <= day}
        newest = max(near, default=None)
        return [row for row in world.history if row["date"] == newest]

    def rows_late(self, world: World) -> list[tuple]:
        """The longest overdue first; in days, and of what was due the same day in hours."""
        day = self.last(world)
        then = world.on(day)
        late = [row for row in then.activities if is_overdue(then, row)]
        never = datetime.datetime.max.replace(tzinfo=datetime.UTC)

        def order(row: Row) -> tuple:
            return row["due"], row["due_at"] or never, row["id"]

        rows = []
        for row in sorted(late, key=order)[:9]:
            days = (day - row["due"]).days
            rows.append((row["id"], _in_words(days, row, then)))
        return rows


def _in_words(days: int, row: Row, then: World) -> str:
    if days or row["due_at"] is None:
        return f"{days} day" + ("" if days == 1 else "s")
    minutes = (then.now - row["due_at"]).total_seconds() / 60
    return f"{round(minutes)} min" if minutes < 90 else f"{round(minutes / 60, 1):g} h"
