"""Figures of the overview and of coverage, as the pages show them."""

from __future__ import annotations

import datetime
from dataclasses import asdict

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from records.figures import COUNTED, MISSION, FiguresViewSet
from strategies.choices import CellState, Lack
from strategies.coverage.mission import Coverage
from strategies.coverage.places import LISTED, UncoveredPlace, uncovered
from strategies.reading.overview import Ranked, overview

GAPS = 500  # listed at most; the rest is counted
STATES = [state.value for state in CellState if state is not CellState.NOT_REQUIRED]


class SpeaksSerializer(serializers.Serializer):
    """Until when a source speaks; what happened later it does not know."""

    source = serializers.CharField(  # type: ignore[assignment]
        allow_blank=True, help_text="The dataset; empty for the mission's own reports."
    )
    until = serializers.DateField()


class RankedSerializer(serializers.Serializer):
    """A place of a ranked list, with those its own event endangers as well."""

    community = serializers.IntegerField()
    name = serializers.CharField()
    band = serializers.IntegerField(help_text="Watch band of 30 days, 1 to 5.")
    probability = serializers.FloatField(
        help_text="Of recorded deadly violence against civilians within 25 km in 30 days."
    )
    change = serializers.FloatField(allow_null=True, help_text="Of the probability in a week.")
    neighbours = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Within 25 km of it, with at least half its figure; not listed again.",
    )


class OverviewSerializer(serializers.Serializer):
    """What matters at seven in the morning."""

    need_to_know_counted = serializers.BooleanField(help_text=COUNTED)
    scored_for = serializers.DateField(allow_null=True)
    computed_at = serializers.DateTimeField(allow_null=True)
    no_record_since = serializers.DateField(
        allow_null=True,
        help_text="Last day any source tells of, where that lies before the mission's today.",
    )
    sources = SpeaksSerializer(many=True)
    highest = RankedSerializer(many=True, help_text="Places by probability, neighbours grouped.")
    rising = RankedSerializer(
        many=True, help_text="Places by what a week added to it, neighbours grouped."
    )

    def get_fields(self):
        counts = (
            "communities", "communities_scored", "communities_at_risk", "uncovered", "incidents", "recent_inexact",
            "recent_unverified",
            "threats_active", "threats_high", "threats_proposed", "disagreements", "alerts_open",
            "alerts_imminent", "alerts", "gaps", "required", "activities", "overdue",
        )  # fmt: skip
        nowhere = "Null where no source speaks of those days: not known, which is not 0."
        told = {
            name: serializers.IntegerField(allow_null=True, help_text=nowhere)
            for name in ("recent", "before", "recent_deaths")
        }
        return {name: serializers.IntegerField() for name in counts} | told | super().get_fields()


class OverviewViewSet(FiguresViewSet):
    @extend_schema(parameters=[MISSION], responses=OverviewSerializer)
    def list(self, request: Request) -> Response:
        """Figures of the overview, as the caller may see them."""
        mission = self.mission()
        found = overview(mission, request.user)
        ranks = {name: [_ranked(row) for row in found[name]] for name in ("highest", "rising")}
        counted = {"need_to_know_counted": self.counts_all(mission)}
        return Response(OverviewSerializer(asdict(found["figures"]) | ranks | counted).data)


def _ranked(row: Ranked) -> dict:
    score = row.score
    return {
        "community": row.community.pk, "name": row.community.name, "band": score.band,
        "probability": score.probability, "change": score.change, "neighbours": row.others,
    }  # fmt: skip


class CellSerializer(serializers.Serializer):
    tier = serializers.IntegerField()
    phase = serializers.CharField()
    required = serializers.IntegerField(  # type: ignore[assignment]
        help_text="Threats that call for the cell."
    )
    required_weight = serializers.IntegerField(help_text="Of them, likelihood × impact, summed.")
    states = serializers.DictField(
        child=serializers.IntegerField(), help_text="Threats by the state of the cell."
    )
    covered_share = serializers.FloatField(
        allow_null=True, help_text="Of the weight, what is planned, under way or done; 0 to 1."
    )
    share_before = serializers.FloatField(allow_null=True, help_text="The same on the day since.")


class GapSerializer(serializers.Serializer):
    threat = serializers.IntegerField()
    title = serializers.CharField()
    tier = serializers.IntegerField()
    phase = serializers.CharField()
    people = serializers.IntegerField(
        allow_null=True, help_text="Known to be exposed, each counted once."
    )
    risk = serializers.IntegerField(help_text="Likelihood × impact.")
    weight = serializers.FloatField(
        help_text="Likelihood × impact × people, the displaced weighing twice: an order, no number."
    )


class UncoveredSerializer(serializers.Serializer):
    community = serializers.IntegerField()
    name = serializers.CharField()
    admin_area = serializers.IntegerField(allow_null=True)
    field_office = serializers.IntegerField(allow_null=True)
    band = serializers.IntegerField(help_text="Watch band of 30 days: 4 serious, 5 acute.")
    probability = serializers.FloatField(
        help_text="Of recorded deadly violence against civilians within 25 km in 30 days."
    )
    expected = serializers.FloatField(help_text="Incidents against civilians in 30 days.")
    population = serializers.IntegerField(allow_null=True)
    people = serializers.IntegerField(
        allow_null=True, help_text="Residents and displaced together, each counted once."
    )
    active_threats = serializers.IntegerField()
    live_activities = serializers.IntegerField(
        help_text="Planned or under way: for the place, or against its active threats."
    )
    lack = serializers.ChoiceField(Lack.choices, help_text="What is missing.")
    neighbours = serializers.ListField(
        child=serializers.IntegerField(), help_text="Uncovered too, within 25 km of it."
    )


class CoverageSerializer(serializers.Serializer):
    need_to_know_counted = serializers.BooleanField(help_text=COUNTED)
    uncovered_total = serializers.IntegerField(
        help_text="Places at serious or acute watch without an active threat or a live activity."
    )
    uncovered = UncoveredSerializer(
        many=True, help_text=f"The first by expected number, neighbours grouped; at most {LISTED}."
    )
    judged = serializers.IntegerField(
        help_text="Places with a score; where there is none, nothing can be uncovered."
    )
    cells = CellSerializer(many=True)
    gap_total = serializers.IntegerField()
    gaps = GapSerializer(
        many=True,
        help_text=f"The most urgent phase first, then by risk, then by people; at most {GAPS}.",
    )


def _uncovered(row: UncoveredPlace) -> dict:
    place = row.community
    return {
        "community": place.pk, "name": place.name, "admin_area": place.admin_area_id,
        "field_office": place.field_office_id, "population": place.population,
        "people": place.people.total,
        "lack": row.lack, "neighbours": row.neighbours,
        **{
            name: getattr(place, name)
            for name in ("band", "probability", "expected", "active_threats", "live_activities")
        },
    }  # fmt: skip


class CoverageViewSet(FiguresViewSet):
    @extend_schema(
        parameters=[
            MISSION,
            OpenApiParameter("since", datetime.date, description="Compare with this day."),
        ],
        responses=CoverageSerializer,
    )
    def list(self, request: Request) -> Response:
        """The mission's matrix and its gaps, as the caller may see them."""
        mission = self.mission()
        coverage = Coverage(mission, request.user)
        since = self._day(request.query_params.get("since", ""))
        cells = (
            coverage.compared_with(Coverage(mission, request.user, since))
            if since
            else coverage.matrix()
        )
        places = uncovered(mission, request.user)
        body = {
            "need_to_know_counted": self.counts_all(mission),
            "uncovered_total": places.total,
            "uncovered": [_uncovered(row) for row in places.rows],
            "judged": places.judged,
            "cells": [
                {
                    "tier": cell.tier, "phase": cell.phase, "required": cell.required,
                    "required_weight": cell.required_weight,
                    "states": {state: cell.by_state[state] for state in STATES},
                    "covered_share": cell.covered_share, "share_before": cell.share_before,
                }
                for cell in cells
            ],
            "gap_total": coverage.gap_total(),
            "gaps": [
                {
                    "threat": gap.threat.pk, "title": str(gap.threat), "tier": gap.cell.tier,
                    "phase": gap.cell.phase, "people": gap.people, "risk": gap.risk, "weight": gap.weight,
                }
                for gap in coverage.gaps(GAPS)
            ],
        }  # fmt: skip
        return Response(CoverageSerializer(body).data)

    @staticmethod
    def _day(text: str) -> datetime.date | None:
        if not text:
            return None
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise serializers.ValidationError(
                {"since": gettext("“%(value)s” is no day. Give one such as 2022-12-24.")
                 % {"value": text}}
            ) from None  # fmt: skip
