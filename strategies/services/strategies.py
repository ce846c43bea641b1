"""Writing strategies: versions that are endorsed and then stand, and what is measured."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from missions.access import can_see, grants, may_create, may_edit, require
from missions.choices import Role
from missions.models import Mission
from records.services import create_record, lock, update_record, withdraw_record
from strategies.choices import StrategyStatus
from strategies.models import Indicator, Measurement, Objective, Strategy

ENDORSERS = frozenset({Role.ADVISER, Role.ADMIN})


def create_strategy(*, user, mission: Mission, **values) -> Strategy:
    return create_record(Strategy, user=user, mission=mission, **values)


@transaction.atomic
def edit_strategy(strategy: Strategy, *, user, expected: str | None = None, **values) -> Strategy:
    """Change a draft. Raises ValidationError for a version that was endorsed."""
    _require_open(lock(strategy))
    return update_record(strategy, user=user, expected=expected, **values)


@transaction.atomic
def endorse_strategy(strategy: Strategy, *, user) -> Strategy:
    """The POC adviser puts their name to a version, which takes the place of the one before.

    Raises PermissionDenied for other roles; ValidationError for one without objectives, or endorsed
    already.
    """
    strategy = lock(strategy)
    require(may_endorse(user, strategy))
    _require_open(strategy)
    if not strategy.objectives.current().exists():
        raise ValidationError(_("A strategy is endorsed with at least one objective."))
    strategy.status = StrategyStatus.ENDORSED
    strategy.endorsed_at, strategy.endorsed_by = timezone.now(), user
    strategy.save()
    if strategy.previous_id:
        Strategy.objects.filter(pk=strategy.previous_id).update(
            status=StrategyStatus.REPLACED, modified_at=timezone.now()
        )
    return strategy


def may_endorse(user, strategy: Strategy) -> bool:
    grant = grants(user).get(strategy.mission_id)
    return grant is not None and grant.role in ENDORSERS and can_see(user, strategy)


@transaction.atomic
def new_version(strategy: Strategy, *, user) -> Strategy:
    """A draft that continues an endorsed version: its objectives, indicators and links.

    Measurements run on through the versions. Raises ValidationError where there is a next version
    already.
    """
    strategy = lock(strategy)
    require(may_edit(user, strategy))
    if strategy.status != StrategyStatus.ENDORSED or hasattr(strategy, "next"):
        raise ValidationError(_("Only the endorsed version has a next one, and only one."))
    draft = Strategy(
        mission=strategy.mission, title=strategy.title, start=strategy.start, end=strategy.end,
        summary=strategy.summary, classification=strategy.classification, created_by=user,
        is_demonstration=strategy.is_demonstration, version=strategy.version + 1,
        previous=strategy,
    )  # fmt: skip
    draft.full_clean()
    draft.save()
    draft.threats.set(strategy.threats.all())
    for objective in strategy.objectives.current():
        copy = Objective.objects.create(
            mission=strategy.mission, strategy=draft, title=objective.title,
            description=objective.description,
        )  # fmt: skip
        copy.activities.set(objective.activities.all())
        for indicator in objective.indicators.current():
            Indicator.objects.create(
                mission=strategy.mission, objective=copy, title=indicator.title,
                unit=indicator.unit, baseline=indicator.baseline, target=indicator.target,
                first=indicator.first or indicator,
            )  # fmt: skip
    return draft


@transaction.atomic
def add_objective(*, user, strategy: Strategy, **values) -> Objective:
    _require_open(lock(strategy))
    require(can_see(user, strategy) and may_edit(user, strategy))
    values.setdefault("mission", strategy.mission)
    return create_record(Objective, user=user, strategy=strategy, **values)


@transaction.atomic
def add_indicator(*, user, objective: Objective, **values) -> Indicator:
    _require_open(lock(objective.strategy))
    require(can_see(user, objective) and may_edit(user, objective.strategy))
    values.setdefault("mission", objective.mission)
    return create_record(Indicator, user=user, objective=objective, **values)


@transaction.atomic
def edit_part(part, *, user, expected: str | None = None, **values):
    """Change an objective or an indicator of a draft."""
    _require_open(lock(_strategy_of(part)))
    return update_record(part, user=user, expected=expected, **values)


@transaction.atomic
def withdraw_part(part, *, user, reason: str):
    """Take an objective or an indicator out of a draft."""
    _require_open(lock(_strategy_of(part)))
    return withdraw_record(part, user=user, reason=reason)


@transaction.atomic
def measure(*, user, indicator: Indicator, **values) -> Measurement:
    """Add what was measured; also to an endorsed strategy. Kept with the first version's indicator."""
    require(can_see(user, indicator) and may_create(user, Measurement, indicator.mission))
    values.setdefault("mission", indicator.mission)
    return create_record(Measurement, user=user, indicator=indicator.first or indicator, **values)


def _strategy_of(part: Objective | Indicator) -> Strategy:
    return part.strategy if isinstance(part, Objective) else part.objective.strategy


def _require_open(strategy: Strategy) -> None:
    if not strategy.is_open:
        raise ValidationError(
            _("An endorsed strategy does not change. Begin its next version instead.")
        )
