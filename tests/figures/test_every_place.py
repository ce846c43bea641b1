"""No page and no resource tells figures that nobody listed: a new one fails here until it has twins."""

from __future__ import annotations

import math
import re

import pytest
from django.conf import settings

from missions.choices import Role
from poc_portal.api.router import resources
from records.bulk.api import BulkViewSet
from records.figures import FiguresViewSet
from tests.factories import MembershipFactory
from tests.figures.scored import COMMUNITY_ROWS, RISK_HISTORY, RISK_SCORES, THREATS
from tests.figures.test_every_figure import PLACES
from tests.figures.told_records import FILLED, WORKED_OUT
from threats.models import Community, RiskScore, RiskState, ThreatRules

# Of each template that shows figures: the place of ``PLACES`` that tells them, or why none does.
SHOWN_BY = {
    "strategies/overview_figures.html": "overview",
    "strategies/mission_cell.html": "coverage",
    "strategies/component.html": "components",
    "strategies/brief.html": "brief of 2022-12-26",
    "threats/alert_figures.html": "alerts",
    "threats/community_figures.html": "pages of communities",
    "threats/presence.html": "presence, its page",
    "threats/quality_figures.html": "why: a judgement kept, which a test holds to a run",
    "threats/threat.html": "API: threats",
    "exchange/intake/intake_counts.html": "why: rows of one file, counted by the tests of intake",
}
# What an answer holds beside columns, and is no figure.
NO_FIGURE = {
    "alerts": {"awaits_verification", "activities"},
    "incidents": {"when", "grave"},
    "missions": {  # the day, and rules that people set
        "today",
        "reach_hours",
        "required_phases",
        "source_kinds_from",
        "peoples",
        "risk_cut_points",
        "travel_speed",
    },
}
# Rows that a worker writes and nobody sends: which have twins, and why others need none.
KEPT = {
    "risk-backtests": "a judgement kept; a test holds it to a run",
    "risk-models": "coefficients as trained; a test trains them anew",
    "notifications": "what happened, in words",
    "catalogue-activities": "data that ships",
    "missions": "kept by an administrator, on pages",
}


def test_every_template_with_figures_has_its_place():
    root = settings.BASE_DIR / "templates"
    shown = {
        str(path.relative_to(root))
        for path in root.rglob("*.html")
        if "components" not in path.parts
        and re.search(r"<c-figure\b|<progress\b", path.read_text(encoding="utf-8"))
    }
    assert shown == set(SHOWN_BY), "figures that nobody listed, or a list of what is gone"
    assert all(place in PLACES or place.startswith("why: ") for place in SHOWN_BY.values())


def test_every_resource_of_figures_has_its_place():
    told = {name.removeprefix("API: ").replace(" ", "-") for name in PLACES if "API: " in name}
    computed = {name for name, view in resources().items() if issubclass(view, FiguresViewSet)} - {
        "search"
    }
    assert computed <= told


def test_whatever_a_resource_works_out_has_its_twin(demo, api):
    """Asked of each resource's own fields, with those that a floor above adds."""
    client = api(MembershipFactory(mission=demo, role=Role.ADMIN, clearance=2).member)
    for name, view in resources().items():
        if issubclass(view, FiguresViewSet):
            continue
        rows = client.get(f"/api/v1/{name}/", {"page_size": 1}).json()["results"]
        model = view.serializer_class.Meta.model
        columns = {field.name for field in model._meta.get_fields()} | {"id"}
        told = set(rows[0]) if rows else set(view.serializer_class().fields)
        beside = {key for key in told - columns if not hasattr(getattr(model, key, None), "rel")}
        words = NO_FIGURE.get(name, set())
        assert beside - words <= set(WORKED_OUT.get(name, ())), name
        assert words <= beside | columns, f"{name}: a reason for what is gone"


def test_every_resource_a_worker_fills_has_its_twins_or_a_reason():
    filled = {
        name for name, view in resources().items()
        if not issubclass(view, FiguresViewSet | BulkViewSet)
        and not {"post", "patch"} & {m for m in view.http_method_names if hasattr(view, _action(m))}
    }  # fmt: skip
    assert filled == set(FILLED) | set(KEPT)


def _action(method: str) -> str:
    return {"post": "create", "patch": "partial_update"}.get(method, "no such")


def test_names_told_and_twins_agree():
    """A figure without a twin, or a twin without its figure, at places read row by row."""
    for name, twins in (
        ("communities", COMMUNITY_ROWS), ("risk-scores", RISK_SCORES),
        ("risk-history", RISK_HISTORY), ("threats", THREATS),
    ):  # fmt: skip
        assert {*WORKED_OUT[name], *FILLED.get(name, ())} == set(twins)


@pytest.mark.parametrize("clearance", [0, 1, 2])
def test_each_score_of_the_demonstration_holds_together(demo, clearance):
    """Its parts sum to the expected number, from which follow probability and band."""
    landmark = RiskState.objects.get(mission=demo).landmark
    cuts = ThreatRules.of(demo).risk_cut_points
    scores = RiskScore.objects.filter(mission=demo, clearance=clearance).select_related("community")
    assert scores.count() == 2 * Community.objects.filter(mission=demo, withdrawn_at=None).count()
    for score in scores:
        assert score.probability == pytest.approx(-math.expm1(-score.expected), abs=1e-6)
        points = cuts[str(score.horizon)]
        assert score.band == 1 + sum(score.probability >= cut for cut in points)
        assert score.date >= landmark
