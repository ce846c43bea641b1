"""What the pages and resources of single records tell: communities, scores, threats, indicators."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from missions.models import Mission
from poc_portal.web.charts import Chart
from strategies.brief.document import document
from strategies.brief.facts import gather
from strategies.models import Indicator
from tests.figures.told import Told, _to
from tests.figures.twins import DAY
from threats.models import Community
from threats.templatetags.risk import standing

# What a resource works out beside the columns of its records: each name has its twin.
WORKED_OUT = {
    "communities": (
        "people", "probability", "band", "change", "is_silent", "scored_for", "no_record_since",
        "active_threats", "live_activities", "gap",
    ),
    "risk-scores": ("rank", "contributions", "is_prior", "no_record_since"),
    "risk-history": (),
    "threats": (
        "likelihood", "impact", "risk", "assessed_at", "evidence_likelihood", "disagrees",
    ),
}  # fmt: skip
# Columns that a worker fills and nobody types: told and worked out as well.
FILLED = {
    "risk-scores": ("expected", "probability", "band", "week_before", "is_silent", "date"),
    "risk-history": ("expected", "probability", "band", "date", "is_reconstructed"),
}
PAGES_OF = 6  # communities whose pages are opened
UNTIL = {"scored_for", "no_record_since", "date"}


def rows_of(resource: str, mission: Mission, user) -> list[dict]:
    """Every row of a list, page after page."""
    client = APIClient()
    client.force_authenticate(user)
    path, rows = f"/api/v1/{resource}/?mission={mission.code}&page_size=1000", []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        rows += body["results"]
        path = body.get("next")
    return rows


def of_resource(resource: str):
    """``{name: {id: value}}`` of what a resource works out."""
    names = (*WORKED_OUT[resource], *FILLED.get(resource, ()))

    def told(mission: Mission, user) -> Told:
        rows = rows_of(resource, mission, user)
        return {name: {row["id"]: _read(name, row[name]) for row in rows} for name in names}

    return told


def _read(name: str, value: Any) -> Any:
    if name in UNTIL and value is not None:
        return datetime.date.fromisoformat(value)
    if name == "assessed_at" and value is not None:
        return datetime.datetime.fromisoformat(value)
    return value


def of_community_pages(mission: Mission, user) -> Told:
    """Of the pages of the likeliest communities, and of one without a score."""
    client = Client()
    client.force_login(user)
    places = Community.objects.visible_to(user).filter(mission=mission).with_risk(user)
    names = (
        "standing", "in_90_days", "change", "people", "residents", "displaced", "km", "hours",
        "base", "in_time", "parts", "history",
    )  # fmt: skip
    found: Told = {name: {} for name in names}
    for place in places.order_by("-expected", "pk")[:PAGES_OF]:
        page = client.get(f"/{mission.code}/communities/{place.pk}/").context
        score, score_90, reach = page["score"], page["score_90"], page["reach"]
        request = type("Request", (), {"user": user})
        people = page["community"].people
        with translation.override("en"):
            rank = None if score is None else standing({"request": request}, score)
        parts = page["explanation"].parts if score else []
        told = {
            "standing": rank,
            "in_90_days": score_90 and score_90.probability,
            "change": page["change"],
            "people": people.total,
            "residents": people.residents,
            "displaced": people.displaced,
            "km": reach and _to(reach.km, 6),
            "hours": reach and _to(reach.hours, 6),
            "base": reach and reach.base.pk,
            "in_time": reach and reach.in_time,
            "parts": None if score is None else _to(sum(part.expected for part in parts), 6),
            "history": _drawn(page["history"]) if score else None,
        }
        for name, value in told.items():
            found[name][place.pk] = value
    return found


def _drawn(chart: Chart) -> list[float]:
    """Percents of a chart's points, as their titles say them."""
    return [float(re.findall(r"[0-9]+(?:\.[0-9]+)?", mark.title)[-1]) for mark in chart.marks]


def of_quality(mission: Mission, user) -> Told:
    """What the page of the scores' quality counts as its reader may see it."""
    client = Client()
    client.force_login(user)
    page = client.get(f"/{mission.code}/risk/quality/").context
    documented = page["documented"]
    return dict(page["unseen"]) | {"documented": documented and documented["seen"]}


def of_presence_page(mission: Mission, user) -> Told:
    client = Client()
    client.force_login(user)
    page = client.get(f"/{mission.code}/presence/").context
    names = ("bases", "unknown", "judged", "endangered", "unreached_total")
    return {name: page[name] for name in names}


def of_indicators(mission: Mission, user) -> Told:
    indicators = Indicator.objects.filter(objective__strategy__mission=mission)
    return {
        "progress": {one.pk: one.progress for one in indicators.visible_to(user).order_by("pk")}
    }


def since(days: int):
    """Changes of the matrix since so many days ago, as the API tells them."""

    def told(mission: Mission, user) -> Told:
        client = APIClient()
        client.force_authenticate(user)
        day = mission.today - days * DAY
        answer = client.get("/api/v1/coverage/", {"mission": mission.code, "since": str(day)})
        assert answer.status_code == 200, answer.content
        cells = answer.json()["cells"]
        return {
            name: [_to(cell[name]) for cell in cells] for name in ("covered_share", "share_before")
        }

    return told


def of_brief_rows(mission: Mission, user, week: datetime.date) -> Told:
    """The values that stand in a brief's rows."""
    clearance = user.memberships.get(mission=mission).clearance
    facts = gather(mission, clearance, week)
    said = document(facts, "en", [], None)
    late = next(section for section in said["sections"] if section["key"] == "overdue")
    return {
        "risen": [
            (row.score.community_id, row.before, row.after, row.others) for row in facts.risen.rows
        ],
        "uncovered": [
            (
                row.community.pk, row.lack, sorted(row.neighbours), row.community.active_threats,
                row.community.live_activities, row.community.people.total, row.community.probability,
            )
            for row in facts.uncovered.rows
        ],
        "gaps": [
            (gap.threat.pk, gap.cell.tier, gap.cell.phase, gap.people, gap.risk, gap.weight)
            for gap in facts.gaps.rows
        ],
        "late": [
            (activity.pk, row[1]["text"])
            for activity, row in zip(facts.overdue.rows, late["rows"], strict=True)
        ],
    }  # fmt: skip
