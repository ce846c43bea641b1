"""What the portal tells, place by place: the name of each figure, and its value.

A dataclass or an answer of the API is read whole, so that a figure added to it stands in the list
without anybody's doing. Records stand as their ids; nothing else is left out.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils.dateparse import parse_duration
from rest_framework.test import APIClient

from missions.models import Component, Mission
from strategies.brief.facts import Facts, Week, gather
from strategies.coverage.mission import GROUPS, Coverage
from strategies.coverage.places import uncovered, with_cover
from strategies.coverage.register import with_plan
from strategies.reading.overview import overview
from threats.alerts.figures import AlertFigures, Group, alert_figures
from threats.models import Community, Threat
from threats.presence.reach import Help

Told = dict[str, Any]
MANY = 10_000  # more rows than any list here has


def of_overview(mission: Mission, user) -> Told:
    found = overview(mission, user)
    lists = {
        name: [(row.community.pk, row.others) for row in found[name]]
        for name in ("highest", "rising")
    } | {"latest": [row.pk for row in found["incidents"]]}
    return dataclasses.asdict(found["figures"]) | {"trend": found["figures"].trend} | lists


def of_coverage(mission: Mission, user) -> Told:
    coverage, places = Coverage(mission, user), uncovered(mission, user)
    return {
        "matrix": [_cell(cell) for cell in coverage.matrix()],
        "gap_total": coverage.gap_total(),
        "gaps": [
            (gap.threat.pk, gap.cell.tier, gap.cell.phase, gap.people, gap.risk, gap.weight)
            for gap in coverage.gaps(MANY)
        ],
        "gravest": [(threat.pk, *counts) for threat, *counts in coverage.gravest(MANY)],
        "by_component": {
            share.component.pk: tuple(
                getattr(share, field.name)
                for field in dataclasses.fields(share)
                if field.name != "component"
            )
            for share in coverage.by_component()
        },
        **{
            f"by_{group}": {
                name: [_cell(cell) for cell in cells] for name, cells in coverage.grouped(group)
            }
            for group in GROUPS
        },
        "uncovered_total": places.total,
        "judged": places.judged,
        "upper": places.upper,
        "uncovered": [_uncovered(row) for row in places.rows],
        "listed": places.listed,
    }


def _cell(cell) -> tuple:
    states = {str(state): count for state, count in cell.by_state.items() if count}
    return (
        cell.tier,
        cell.phase,
        cell.required,
        cell.required_weight,
        states,
        _to(cell.covered_share),
    )


def _to(share: float | None, places: int = 9) -> float | None:
    return None if share is None else round(share, places)


def _uncovered(row) -> tuple:
    place = row.community
    return place.pk, row.lack, sorted(row.neighbours), place.active_threats, place.live_activities


def of_register(mission: Mission, user) -> Told:
    threats = with_plan(Threat.objects.visible_to(user).filter(mission=mission), user)
    names = ("gaps", "planned", "overdue", "last_change")
    return {name: dict(threats.values_list("pk", name)) for name in names}


def of_communities(mission: Mission, user) -> Told:
    places = with_cover(
        Community.objects.visible_to(user).filter(mission=mission).with_risk(user), user
    )
    names = (
        "probability", "expected", "band", "scored_for", "change", "is_silent", "active_threats",
        "live_activities", "gap",
    )  # fmt: skip
    return {name: dict(places.values_list("pk", name)) for name in names}


def of_alerts(mission: Mission, user) -> Told:
    return _alerts(alert_figures(mission, user))


def _alerts(found: AlertFigures) -> Told:
    told: Told = {}
    for field in dataclasses.fields(found):
        value = getattr(found, field.name)
        if isinstance(value, Group):
            value = _group(value)
        elif field.name == "outcomes":
            value = [(row.outcome, row.alerts) for row in value]
        elif isinstance(value, list):
            value = [_group(group) for group in value]
        told[field.name] = value
    return told


def _group(group: Group) -> dict:
    return dataclasses.asdict(group) | {"share": group.share}


def of_brief(mission: Mission, user, week: datetime.date) -> Told:
    clearance = user.memberships.get(mission=mission).clearance
    facts = gather(mission, clearance, week)
    told: Told = {
        field.name: [getattr(one, field.name) for one in (facts.week, *facts.before)]
        for field in dataclasses.fields(Week)
    }
    told |= {
        name: getattr(facts, name)
        for name in ("undecided", "proposed", "scored", "alerts_ever", "activities_ever")
    }
    for name in (
        "incidents",
        "alerts",
        "gaps",
        "moves",
        "overdue",
        "decisions",
        "threats",
        "risen",
    ):
        found = getattr(facts, name)
        told[f"all_{name}"] = len(found.rows) + found.cut
    told["all_risen"] += sum(row.others for row in facts.risen.rows)
    told["matrix"] = [_cell(cell) for cell in facts.matrix]
    told["matrix_before"] = [_cell(cell) for cell in facts.matrix_before]
    told["uncovered_total"] = facts.uncovered.total
    told["at_risk"] = sorted(facts.at_risk)
    return told


# Of a brief's facts: what names the brief, and what ``of_brief`` takes apart.
NOT_FIGURES = {
    "mission", "office", "clearance", "first", "last", "until", "week", "before", "uncovered", "record",
}  # fmt: skip
TOLD_AS = {field.name for field in dataclasses.fields(Facts)} - NOT_FIGURES


def of_components(mission: Mission, user) -> Told:
    """The figures of each component's own page, as the page is given them."""
    client = Client()
    client.force_login(user)
    found: dict[str, dict[int, int]] = {}
    for component in Component.objects.visible_to(user).filter(mission=mission):
        page = client.get(f"/{mission.code}/components/{component.pk}/").context
        told = dict(page["figures"]) | {
            name: page[name] for name in ("supported_total", "alerts_total", "decisions_total")
        }
        for name, value in told.items():
            found.setdefault(name, {})[component.pk] = value
    return found


def of_presence(mission: Mission, user) -> Told:
    found = Help(mission, user)
    return {
        "counted": found.counted,
        "unknown": found.unknown,
        "unreached": [
            (place.pk, None if reach is None else round(reach.hours, 9))
            for place, reach in found.unreached(user)
        ],
    }


def over_rest(resource: str, taken: Callable[[dict], Told]) -> Callable[[Mission, Any], Told]:
    """What a resource of figures answers, told as the pages are.

    ``taken`` pops from the answer what it tells; what it leaves is a figure without a twin.
    """

    def told(mission: Mission, user) -> Told:
        client = APIClient()
        client.force_authenticate(user)
        response = client.get(f"/api/v1/{resource}/?mission={mission.code}")
        assert response.status_code == 200, response.content
        body = response.json()
        found = taken(body)
        assert not _left(body), f"{resource}: {_left(body)} without a twin"
        return found

    return told


def _left(body: Any) -> list:
    rows = body if isinstance(body, list) else [body]
    return [name for row in rows for name in row]


def _each(rows: list[dict], take: Callable[[dict], Any]) -> list:
    found = [take(row) for row in rows]
    assert not any(rows), f"{next(filter(None, rows))} without a twin"
    return found


def overview_of(body: dict) -> Told:
    found = dict(body)
    body.clear()
    for name, read in (
        ("scored_for", datetime.date.fromisoformat),
        ("computed_at", datetime.datetime.fromisoformat),
        ("no_record_since", datetime.date.fromisoformat),
    ):
        found[name] = read(found[name]) if found[name] else None
    for name in ("highest", "rising"):
        found[name] = [(row["community"], row["neighbours"]) for row in found[name]]
    found["sources"] = [
        row | {"until": datetime.date.fromisoformat(row["until"])} for row in found["sources"]
    ]
    return found


def coverage_of(body: dict) -> Told:
    def cell(row: dict) -> tuple:
        states = {state: count for state, count in row.pop("states").items() if count}
        assert row.pop("share_before") is None  # no day was asked for
        names = ("tier", "phase", "required", "required_weight")
        return *(row.pop(name) for name in names), states, _to(row.pop("covered_share"))

    def gap(row: dict) -> tuple:
        assert row.pop("title")
        names = ("threat", "tier", "phase", "people", "risk", "weight")
        return tuple(row.pop(name) for name in names)

    def place(row: dict) -> tuple:
        for shown in (
            "name", "admin_area", "field_office", "population", "people", "band", "probability",
            "expected",
        ):  # fmt: skip
            row.pop(shown)  # of the community and its score, which stand in their own resources
        neighbours = sorted(row.pop("neighbours"))
        names = ("active_threats", "live_activities")
        return (
            row.pop("community"), row.pop("lack"), neighbours, *(row.pop(name) for name in names),
        )  # fmt: skip

    return {
        "matrix": _each(body.pop("cells"), cell),
        "gaps": _each(body.pop("gaps"), gap),
        "uncovered": _each(body.pop("uncovered"), place),
        **{
            name: body.pop(name)
            for name in ("gap_total", "uncovered_total", "judged", "need_to_know_counted")
        },
    }


def alerts_of(body: dict) -> Told:
    found = dict(body)
    body.clear()
    for group in (found["whole"], *found["by_office"], *found["by_component"], *found["by_month"]):
        for name in ("to_decision", "to_response"):
            group[name] = None if group[name] is None else parse_duration(group[name])
    found["lag"] = None if found["lag"] is None else parse_duration(found["lag"])
    found["outcomes"] = [(row["outcome"], row["alerts"]) for row in found["outcomes"]]
    return found
