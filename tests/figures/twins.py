"""The slow twin of every figure: worked out again from plain rows, one row after the other."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

from missions.choices import ComponentKind
from missions.geography import distance_km
from strategies.choices import Tier
from tests.figures import record, spread
from tests.figures.plain import Row, World
from threats.alerts.choices import AlertOutcome
from threats.choices import Phase, ThreatKind
from threats.scoring.comparison import evidence_likelihoods

DAY = datetime.timedelta(days=1)
KEYS = [(tier, phase) for tier in Tier.values for phase in Phase.values]
LIVE = ("planned", "under_way")
WORST = ("overdue", "under_way", "planned", "done")
URGENT = ("response", "preemption", "consolidation", "prevention")
Twin = Callable[[World], Any]


# ── The plan: threats, activities, cells ───────────────────────────────────────────────────────────


def active(world: World) -> list[Row]:
    return [threat for threat in world.threats if threat["status"] == "active"]


def risk(threat: Row) -> int:
    likelihood, impact = threat["assessed"] or (0, 0)
    return likelihood * impact or 1


def against(world: World, threat: Row) -> list[Row]:
    return [one for one in world.activities if threat["id"] in one["threats"]]


def required(world: World, threat: Row) -> list[tuple]:
    called = world.required_phases[threat["phase"]]
    return [key for key in KEYS if key[1] in called]


def state(world: World, threat: Row, activities: list[Row], key: tuple) -> str:
    """Of a required cell: the worst of what lives in it, else done, else a gap."""
    found = set()
    for one in activities:
        if (one["tier"], one["phase"]) != key:
            continue
        if one["status"] in LIVE:
            found.add("overdue" if is_overdue(world, one) else one["status"])
        elif one["status"] == "done" and one["completed_on"] >= threat["phase_since"]:
            found.add("done")
    return next((worst for worst in WORST if worst in found), "gap")


def gaps_of(world: World, threat: Row) -> list[tuple]:
    activities = against(world, threat)
    return [
        key for key in required(world, threat)
        if state(world, threat, activities, key) == "gap"
    ]  # fmt: skip


def matrix(world: World, threats: list[Row] | None = None) -> list:
    """Cells as ``told._cell`` has them."""
    cells = []
    for key in KEYS:
        states: dict[str, int] = defaultdict(int)
        weights: dict[str, int] = defaultdict(int)
        for threat in active(world) if threats is None else threats:
            if key not in required(world, threat):
                continue
            found = state(world, threat, against(world, threat), key)
            states[found] += 1
            weights[found] += risk(threat)
        whole = sum(weights.values())
        share = None if not whole else round(1 - (weights["gap"] + weights["overdue"]) / whole, 9)
        counts = {name: count for name, count in states.items() if count}
        cells.append((*key, sum(states.values()), whole, counts, share))
    return cells


def grouped(named: Callable[[World, Row], str]) -> Twin:
    def twin(world: World) -> dict:
        groups = defaultdict(list)
        for threat in active(world):
            groups[named(world, threat)].append(threat)
        return {name: matrix(world, threats) for name, threats in groups.items()}

    return twin


def _area(world: World, threat: Row) -> str:
    found = world.areas.get(threat["admin_area_id"])
    return found["name"] if found else "no administrative area"


def _office(world: World, threat: Row) -> str:
    area = world.areas.get(threat["admin_area_id"])
    found = world.offices.get(area["field_office_id"]) if area else None
    return found["name"] if found else "no field office"


SITES = ("displacement_site", "poc_site")


def host(world: World, site: Row) -> Row | None:
    """The nearest place that is no site, within 10 km."""
    others = [place for place in world.communities if place["kind"] not in SITES]
    nearest = min(others, key=lambda place: (away(site, place), place["id"]), default=None)
    return nearest if nearest and away(site, nearest) <= 10 else None


def dwellers(world: World, threat: Row) -> tuple[int | None, int | None]:
    """Residents and displaced of a threat's places, each once; None where unknown."""
    places = [place for place in world.communities if place["id"] in threat["communities"]]
    residents = [
        place["population"] for place in places
        if place["kind"] not in SITES and place["population"] is not None
    ]  # fmt: skip
    displaced = []
    sites = [place for place in places if place["kind"] in SITES]
    inside: dict[int, int] = defaultdict(int)
    for site in sites:
        known = [n for n in (site["population"], site["displaced_population"]) if n is not None]
        if not known:
            continue
        found = host(world, site)
        if found is not None and found["id"] in threat["communities"]:
            inside[found["id"]] += max(known)
        else:
            displaced.append(max(known))
    for place in places:
        if place["kind"] in SITES:
            continue
        both = [place["displaced_population"], inside.get(place["id"])]
        known = [n for n in both if n is not None]
        if known:
            displaced.append(max(known))
    return (sum(residents) if residents else None), (sum(displaced) if displaced else None)


def people(world: World, threat: Row) -> int | None:
    known = [n for n in dwellers(world, threat) if n is not None]
    return sum(known) if known else None


def weighed(world: World, threat: Row) -> int | None:
    """For the order alone: the displaced twice."""
    count = people(world, threat)
    return None if count is None else count + (dwellers(world, threat)[1] or 0)


def gaps(world: World) -> list[tuple]:
    exposed = {threat["id"]: people(world, threat) for threat in active(world)}
    heavy = {threat["id"]: weighed(world, threat) for threat in active(world)}
    known = sorted(count for count in heavy.values() if count is not None)
    usual = known[len(known) // 2] if known else 1
    rows = []
    for threat in active(world):
        count = exposed[threat["id"]]
        counted = usual if count is None else heavy[threat["id"]]
        for key in gaps_of(world, threat):
            order = (URGENT.index(key[1]), -risk(threat), -counted, threat["id"], KEYS.index(key))
            weight = float(risk(threat) * counted)
            rows.append((order, (threat["id"], *key, count, risk(threat), weight)))
    return [row for _order, row in sorted(rows)]


def gravest(world: World) -> list[tuple]:
    return [
        (threat["id"], len(required(world, threat)), len(gaps_of(world, threat)))
        for threat in sorted(active(world), key=lambda row: (-risk(row), row["id"]))
    ]


def is_overdue(world: World, activity: Row) -> bool:
    return activity["status"] in LIVE and is_late(activity, world.today, world.now)


def is_late(activity: Row, day: datetime.date, now: datetime.datetime) -> bool:
    """Due on an earlier day, or at an earlier moment where hours count."""
    due_at = activity["due_at"]
    return activity["due"] < day or (due_at is not None and due_at < now)


def is_cover(world: World, activity: Row) -> bool:
    """Under way, or planned and not due for more than 30 days."""
    is_lapsed = activity["status"] == "planned" and (world.today - activity["due"]).days > 30
    return activity["status"] in LIVE and not is_lapsed


def by_component(world: World) -> dict[int, tuple]:
    found = {}
    open_cells = [key for threat in active(world) for key in gaps_of(world, threat)]
    for component in world.components:
        led = [row for row in world.activities if row["lead_component_id"] == component["id"]]
        in_time = [row for row in led if not is_overdue(world, row)]
        usual = {
            (entry["tier"], entry["phase"])
            for entry in world.catalogue
            if component["kind"] in entry["components"]
        }
        found[component["id"]] = (
            sum(row["status"] == "planned" for row in in_time),
            sum(row["status"] == "under_way" for row in in_time),
            len(led) - len(in_time),
            sum(row["status"] == "done" for row in in_time),
            sum(key in usual for key in open_cells),
        )
    return found


# ── Places: scores, cover, reach ──────────────────────────────────────────────────────────────────


def score_of(world: World, place: Row) -> Row:
    found = [row for row in world.scores if row["community_id"] == place["id"]]
    return found[0] if found else defaultdict(lambda: None)


def happened(
    world: World,
    weight: Callable[[Row], int],
    since: datetime.date,
    until: datetime.date,
    *,
    is_toll: bool = False,
) -> int | None:
    """Counted by share of days; None where no source tells of any of them."""
    return record.or_untold(
        world, spread.total(world, weight, since, until, is_toll=is_toll), since, until
    )


def trend(world: World) -> int | None:
    now, before = OVERVIEW["recent"](world), OVERVIEW["before"](world)
    return None if now is None or before is None else now - before


def newness(row: Row, world: World) -> tuple:
    """By the middle of the days it may be of; of equals the exact one, then the later recorded."""
    days = spread.days_of(row, world.today)
    middle = days[0].toordinal() + days[-1].toordinal()
    return middle, row["date_precision"] == "day", row["id"]


def cover(world: World, place: Row) -> tuple[int, int]:
    """Active threats that name a place, and live activities for it or against one of those."""
    named = {row["id"] for row in active(world) if place["id"] in row["communities"]}
    live = [
        row for row in world.activities
        if is_cover(world, row) and (place["id"] in row["communities"] or named & row["threats"])
    ]  # fmt: skip
    return len(named), len(live)


def is_gap(world: World, place: Row) -> bool | None:
    band = score_of(world, place)["band"]
    return None if band is None else band >= 4 and 0 in cover(world, place)


def uncovered_places(world: World) -> list[Row]:
    found = [place for place in world.communities if is_gap(world, place)]
    return sorted(found, key=lambda row: (-score_of(world, row)["expected"], row["id"]))


def uncovered_rows(world: World) -> list[tuple]:
    rows, taken = [], set()
    places = uncovered_places(world)
    for place in places:
        if place["id"] in taken or len(rows) == 20:
            continue
        near = {
            other["id"] for other in places
            if other["id"] not in taken | {place["id"]} and away(place, other) <= 25
        }  # fmt: skip
        taken |= {place["id"], *near}
        threats, live = cover(world, place)
        lack = "activity" if threats else "threat"
        rows.append((place["id"], lack, sorted(near), threats, live))
    return rows


def ranked(world: World, figure: Callable[[Row], float], scores: list[Row]) -> list[tuple]:
    """Places by a figure of their scores; those near with at least half of it share the row."""
    place_of = {place["id"]: place for place in world.communities}
    ordered = sorted(scores, key=lambda row: (-figure(row), row["community_id"]))
    rows, taken = [], set()
    for row in ordered:
        head = row["community_id"]
        if head in taken or len(rows) == 8:
            continue
        taken.add(head)
        near = [
            other["community_id"] for other in ordered
            if other["community_id"] not in taken and figure(other) >= figure(row) / 2
            and away(place_of[head], place_of[other["community_id"]]) <= 25
        ]  # fmt: skip
        taken |= set(near)
        rows.append((head, near))
    return rows


def away(one: Row, other: Row) -> float:
    return float(
        distance_km(one["longitude"], one["latitude"], other["longitude"], other["latitude"])
    )


def upper(world: World) -> list[Row]:
    return [row for row in world.scores if row["band"] >= 4]


def helping(world: World) -> list[Row]:
    """Bases of troops and police that stand today and do more than observe."""
    pillars = {row["id"]: row["pillar"] for row in world.components}
    return [
        post for post in world.posts
        if pillars[post["component_id"]] in ("military", "police")
        and post["kind"] != "observers"
        and post["since"] <= world.today
        and (post["until"] is None or post["until"] >= world.today)
    ]  # fmt: skip


def unreached(world: World) -> list[tuple]:
    bases = helping(world)
    known = [post for post in bases if post["strength"] != "unknown"]
    places = World.by_id(world.communities)
    found = []
    for score in sorted(upper(world), key=lambda row: (-row["probability"], row["community_id"])):
        place = places[score["community_id"]]
        if not bases:
            found.append((place["id"], None))
            continue
        hours = min(away(place, post) for post in known or bases) / world.rules.travel_speed
        if not known or hours > world.rules.reach_hours:
            found.append((place["id"], round(hours, 9)))
    return found


# ── What happened: incidents, alerts ──────────────────────────────────────────────────────────────


def past(world: World) -> list[Row]:
    return [row for row in world.incidents if row["start_date"] <= world.today]


def violence(world: World, youngest: int, oldest: int) -> list[Row]:
    """Incidents against civilians that began so many days ago; the oldest day is left out."""
    return [
        row for row in past(world)
        if row["against_civilians"]
        and world.days(oldest) < row["start_date"] <= world.days(youngest)
    ]  # fmt: skip


def disagreements(world: World) -> int:
    """Two steps apart; what the evidence says has a twin of its own in ``test_like_with_like``."""
    from missions.access import Reader
    from threats.models import Threat

    reader = Reader.cleared(world.mission, world.clearance)
    count = 0
    for threat in active(world):
        evidence = evidence_likelihoods(
            world.mission, reader, [Threat.objects.get(pk=threat["id"])]
        ).get(threat["id"])
        if threat["assessed"] and evidence is not None:
            count += abs(threat["assessed"][0] - evidence) >= 2
    return count


def open_alerts(world: World) -> list[Row]:
    return [row for row in world.alerts if row["stage"] != "closed"]


def recent_alerts(world: World) -> list[Row]:
    since = world.mission.now - 90 * DAY
    return [row for row in world.alerts if row["received_at"] >= since]


def times(rows: list[Row]) -> tuple:
    """Medians from reception to decision and to response; None: none yet."""
    found = []
    for name in ("decided_at", "responded_at"):
        lasted = [row[name] - row["received_at"] for row in rows if row[name]]
        found.append(median(lasted) if lasted else None)
    return tuple(found)


def group(name: str, rows: list[Row]) -> dict:
    answered = sum(row["responded_at"] is not None for row in rows)
    to_decision, to_response = times(rows)
    return {
        "name": name, "alerts": len(rows), "answered": answered,
        "refused": sum(row["decision"] == "no_response" for row in rows),
        "to_decision": to_decision, "to_response": to_response,
        "share": answered / len(rows) if rows else None,
    }  # fmt: skip


def groups(named: Callable[[World, Row], str | None]) -> Twin:
    def twin(world: World) -> list[dict]:
        found = defaultdict(list)
        for row in recent_alerts(world):
            name = named(world, row)
            if name is not None:
                found[name].append(row)
        return [group(name, found[name]) for name in sorted(found)]

    return twin


def _alert_office(world: World, alert: Row) -> str:
    found = world.offices.get(alert["field_office_id"])
    return found["name"] if found else ""


def component_name(world: World, pk: int | None) -> str | None:
    found = World.by_id(world.components).get(pk) if pk else None
    if found is None:
        return None
    usual = {str(kind.value): kind for kind in ComponentKind}
    return found["name"] or str(usual[found["kind"]].label)


def alerts_of(world: World, component: Row) -> list[Row]:
    return [
        row for row in open_alerts(world)
        if row["responding_component_id"] == component["id"]
        and row["decision"] == "respond" and row["responded_at"] is None
    ]  # fmt: skip


def against_civilians(row: Row) -> int:
    return int(row["against_civilians"])


OVERVIEW: dict[str, Twin] = {
    "communities": lambda w: len(w.communities),
    "communities_scored": lambda w: len(w.scores),
    "communities_at_risk": lambda w: len(upper(w)),
    "uncovered": lambda w: len(uncovered_places(w)),
    "incidents": lambda w: len(past(w)),
    "recent": lambda w: happened(w, against_civilians, w.days(29), w.today),
    "before": lambda w: happened(w, against_civilians, w.days(59), w.days(30)),
    "trend": trend,
    "recent_deaths": lambda w: happened(
        w, lambda row: spread.deaths(row) * against_civilians(row), w.days(29), w.today,
        is_toll=True,
    ),
    "recent_inexact": lambda w: spread.inexact(w, against_civilians, w.days(29), w.today),
    "recent_unverified": lambda w: spread.unverified(
        w, against_civilians, w.days(29), w.today
    ),
    "threats_active": lambda w: len(active(w)),
    "threats_high": lambda w: sum(risk(row) >= 15 for row in active(w)),
    "threats_proposed": lambda w: sum(row["status"] == "proposed" for row in w.threats),
    "disagreements": disagreements,
    "alerts": lambda w: len(w.alerts),
    "alerts_open": lambda w: len(open_alerts(w)),
    "alerts_imminent": lambda w: sum(
        row["imminence"] == "imminent" and row["verification"] != "false" for row in open_alerts(w)
    ),
    "gaps": lambda w: sum(len(gaps_of(w, row)) for row in active(w)),
    "required": lambda w: sum(len(required(w, row)) for row in active(w)),
    "activities": lambda w: len(w.activities),
    "overdue": lambda w: sum(is_overdue(w, row) for row in w.activities),
    "scored_for": lambda w: max((row["date"] for row in w.scores), default=None),
    "computed_at": lambda w: max((row["computed_at"] for row in w.scores), default=None),
    "no_record_since": record.no_record_since,
    "sources": record.sources,
    "highest": lambda w: ranked(w, lambda row: row["probability"], w.scores),
    "rising": lambda w: ranked(
        w, lambda row: row["probability"] - row["week_before"],
        [
            row for row in w.scores
            if row["week_before"] is not None and row["probability"] > row["week_before"]
        ],
    ),
    "latest": lambda w: [
        row["id"]
        for row in sorted(past(w), key=lambda row: newness(row, w), reverse=True)
    ][:8],
}  # fmt: skip

COVERAGE: dict[str, Twin] = {
    "matrix": matrix,
    "gap_total": OVERVIEW["gaps"],
    "gaps": gaps,
    "gravest": gravest,
    "by_component": by_component,
    "by_type": grouped(lambda w, row: str(ThreatKind(row["kind"]).label)),
    "by_area": grouped(_area),
    "by_office": grouped(_office),
    "uncovered_total": OVERVIEW["uncovered"],
    "uncovered": uncovered_rows,
    "listed": lambda w: sum(1 + len(near) for _pk, _lack, near, *_ in uncovered_rows(w)),
    "judged": OVERVIEW["communities_scored"],
    "upper": OVERVIEW["communities_at_risk"],
}

# Over REST figures say whether they count what is kept to a need to know; these readers hold nothing.
OVER_REST: dict[str, Twin] = {"need_to_know_counted": lambda w: False}
OVERVIEW_API = OVER_REST | {
    name: twin for name, twin in OVERVIEW.items() if name not in ("trend", "latest")
}
COVERAGE_API = OVER_REST | {
    name: COVERAGE[name]
    for name in ("matrix", "gaps", "gap_total", "uncovered", "uncovered_total", "judged")
}

REGISTER: dict[str, Twin] = {
    "gaps": lambda w: {
        row["id"]: len(gaps_of(w, row)) if row["status"] == "active" else None for row in w.threats
    },
    "planned": lambda w: {
        row["id"]: sum(
            one["status"] in LIVE and not is_overdue(w, one) for one in against(w, row)
        )
        for row in w.threats
    },
    "overdue": lambda w: {
        row["id"]: sum(is_overdue(w, one) for one in against(w, row)) for row in w.threats
    },
    "last_change": lambda w: {
        row["id"]: max(
            [
                row["phase_since"],
                *(one["day"] for one in w.decisions if one["threat_id"] == row["id"]),
                *(
                    one["day"] for one in w.changes
                    if one["activity_id"] in {found["id"] for found in against(w, row)}
                ),
            ]
        )
        for row in w.threats
    },
}  # fmt: skip


def _of_score(name: str) -> Twin:
    return lambda w: {row["id"]: score_of(w, row)[name] for row in w.communities}


def _change(score: Row) -> float | None:
    if score["probability"] is None or score["week_before"] is None:
        return None
    return score["probability"] - score["week_before"]


COMMUNITIES: dict[str, Twin] = {
    **{name: _of_score(name) for name in ("probability", "expected", "band", "is_silent")},
    "scored_for": _of_score("date"),
    "change": lambda w: {row["id"]: _change(score_of(w, row)) for row in w.communities},
    "active_threats": lambda w: {row["id"]: cover(w, row)[0] for row in w.communities},
    "live_activities": lambda w: {row["id"]: cover(w, row)[1] for row in w.communities},
    "gap": lambda w: {row["id"]: is_gap(w, row) for row in w.communities},
}

ALERTS: dict[str, Twin] = {
    "recorded": OVERVIEW["alerts"],
    "open": OVERVIEW["alerts_open"],
    "open_imminent": OVERVIEW["alerts_imminent"],
    "undecided": lambda w: sum(
        row["decided_at"] is None and row["verification"] != "false" for row in open_alerts(w)
    ),
    "whole": lambda w: group("", recent_alerts(w)),
    "by_office": groups(_alert_office),
    "by_component": groups(lambda w, row: component_name(w, row["responding_component_id"])),
    "by_month": groups(
        lambda w, row: row["received_at"].astimezone(w.mission.zone).strftime("%Y-%m")
    ),
}


def lag(world: World) -> datetime.timedelta | None:
    """The median of how much later steps that stand were recorded, of alerts of 90 days."""
    alerts = World.by_id(recent_alerts(world))
    replaced = {row["corrects_id"] for row in world.steps}
    late = [
        row["recorded_after"] for row in world.steps
        if row["alert_id"] in alerts and row["id"] not in replaced and not row["never_happened"]
    ]  # fmt: skip
    return median(late) if late else None


def outcomes(world: World) -> list[tuple]:
    """Alerts of 90 days by what came of them; those still open have none."""
    found = Counter(row["outcome"] for row in recent_alerts(world) if row["outcome"])
    return [(code, found[code]) for code in AlertOutcome.values if found[code]]


ALERTS |= {"lag": lag, "outcomes": outcomes}


def _led(world: World, component: Row) -> list[Row]:
    return [
        row for row in world.activities
        if row["lead_component_id"] == component["id"] and row["status"] in LIVE
    ]  # fmt: skip


def _per_component(figure: Callable[[World, Row], int]) -> Twin:
    return lambda w: {row["id"]: figure(w, row) for row in w.components}


COMPONENTS: dict[str, Twin] = {
    "live": _per_component(lambda w, c: len(_led(w, c))),
    "overdue": _per_component(lambda w, c: sum(is_overdue(w, row) for row in _led(w, c))),
    "soon": _per_component(
        lambda w, c: sum(not is_overdue(w, row) and row["due"] <= w.days(-14) for row in _led(w, c))
    ),
    "blocked": _per_component(lambda w, c: sum(row["blockers"] != "" for row in _led(w, c))),
    "supported_total": _per_component(
        lambda w, c: sum(
            c["id"] in row["supporting_components"] and row["status"] in LIVE
            for row in w.activities
        )
    ),
    "alerts_total": _per_component(lambda w, c: len(alerts_of(w, c))),
    "decisions_total": _per_component(
        lambda w, c: sum(row["owner_id"] == c["id"] and row["done_on"] is None for row in w.agreed)
    ),
}

PRESENCE: dict[str, Twin] = {
    "counted": lambda w: sum(row["strength"] != "unknown" for row in helping(w)),
    "unknown": lambda w: sum(row["strength"] == "unknown" for row in helping(w)),
    "unreached": unreached,
}
