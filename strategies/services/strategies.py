"""Writing strategies: versions that are cleared, approved and then stand, and what is measured."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import can, is_visible, may_create, may_edit, require
from missions.models import Mission, User
from missions.roles import Capability
from records.given import UNSET, Unset, given
from records.services import create_record, lock, update_record, withdraw_record
from strategies.choices import STANDING, StrategyStatus
from strategies.models import Indicator, Measurement, Objective, Strategy
from threats.models import Threat


def create_strategy(
    *,
    user: User,
    mission: Mission,
    title: str,
    start: datetime.date,
    end: datetime.date,
    summary: str | Unset = UNSET,
    threats: Iterable[Threat] | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    is_demonstration: bool | Unset = UNSET,
) -> Strategy:
    """Write a draft. Raises PermissionDenied or ValidationError."""
    values = given(
        title=title,
        start=start,
        end=end,
        summary=summary,
        threats=threats,
        classification=classification,
        compartments=compartments,
        is_demonstration=is_demonstration,
    )
    return create_record(Strategy, user=user, mission=mission, **values)


@transaction.atomic
def edit_strategy(
    strategy: Strategy,
    *,
    user: User,
    expected: str | None = None,
    title: str | Unset = UNSET,
    start: datetime.date | Unset = UNSET,
    end: datetime.date | Unset = UNSET,
    summary: str | Unset = UNSET,
    threats: Iterable[Threat] | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
) -> Strategy:
    """Change a draft. Raises ValidationError for a version that was cleared, and for one that would
    be more secret than the version before it, whose readers follow its measurements and its end."""
    values = given(
        title=title,
        start=start,
        end=end,
        summary=summary,
        threats=threats,
        classification=classification,
        compartments=compartments,
    )
    strategy = lock(strategy)
    _require_open(strategy)
    changed = update_record(strategy, user=user, expected=expected, **values)
    if changed.previous is not None and {"classification", "compartments"} & values.keys():
        _require_no_more_secret(changed, changed.previous)
    return changed


@transaction.atomic
def endorse_strategy(strategy: Strategy, *, user) -> Strategy:
    """The POC adviser clears a version for the head of mission; its text stands from then on.

    Raises PermissionDenied for other roles; ValidationError for one without objectives, or cleared
    already.
    """
    strategy = lock(strategy)
    require(may_endorse(user, strategy))
    _require_open(strategy)
    if not strategy.objectives.current().exists():
        raise ValidationError(gettext("A strategy is cleared with at least one objective."))
    strategy.status = StrategyStatus.ENDORSED
    strategy.endorsed_at, strategy.endorsed_by = strategy.mission.now, user
    strategy.save()
    return strategy


def may_endorse(user, strategy: Strategy) -> bool:
    """Whether the user may put their name to the version."""
    return can(user, strategy.mission_id, Capability.ENDORSE) and is_visible(user, strategy)


@transaction.atomic
def approve_strategy(strategy: Strategy, *, user) -> Strategy:
    """The head of mission approves a cleared version, which takes the place of the one before.

    Raises PermissionDenied for other roles; ValidationError for one that is not cleared, or is
    approved already.
    """
    strategy = lock(strategy)
    require(may_approve(user, strategy))
    if strategy.status != StrategyStatus.ENDORSED:
        raise ValidationError(
            gettext("A strategy is approved once, after the POC adviser has cleared it.")
        )
    strategy.status = StrategyStatus.APPROVED
    strategy.approved_at, strategy.approved_by = strategy.mission.now, user
    strategy.save()
    if strategy.previous_id:
        Strategy.objects.filter(pk=strategy.previous_id).update(
            status=StrategyStatus.REPLACED, modified_at=timezone.now()
        )
    return strategy


def may_approve(user, strategy: Strategy) -> bool:
    """Whether the user may approve the version for the mission."""
    return can(user, strategy.mission_id, Capability.APPROVE) and is_visible(user, strategy)


@transaction.atomic
def new_version(strategy: Strategy, *, user) -> Strategy:
    """A draft that continues a cleared or approved version: its objectives, indicators and links.

    Measurements run on through the versions. Raises ValidationError where there is a next version
    already.
    """
    strategy = lock(strategy)
    require(may_edit(user, strategy))
    if strategy.status not in STANDING or hasattr(strategy, "next"):
        raise ValidationError(gettext("Only a cleared version has a next one, and only one."))
    draft = Strategy(
        mission=strategy.mission, title=strategy.title, start=strategy.start, end=strategy.end,
        summary=strategy.summary, classification=strategy.classification,
        compartments=strategy.compartments, created_by=user,
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
def add_objective(
    *,
    user: User,
    strategy: Strategy,
    title: str,
    description: str | Unset = UNSET,
) -> Objective:
    """Add an objective to a draft. Raises PermissionDenied or ValidationError."""
    values = given(title=title, description=description)
    _require_open(lock(strategy))
    require(is_visible(user, strategy) and may_edit(user, strategy))
    return create_record(
        Objective, user=user, mission=strategy.mission, strategy=strategy, **values
    )


@transaction.atomic
def add_indicator(
    *,
    user: User,
    objective: Objective,
    title: str,
    baseline: float,
    target: float,
    unit: str | Unset = UNSET,
) -> Indicator:
    """Add an indicator to an objective of a draft, with where it starts and what it aims at."""
    values = given(title=title, baseline=baseline, target=target, unit=unit)
    _require_open(lock(objective.strategy))
    require(is_visible(user, objective) and may_edit(user, objective.strategy))
    return create_record(
        Indicator, user=user, mission=objective.mission, objective=objective, **values
    )


@transaction.atomic
def edit_objective(
    objective: Objective,
    *,
    user: User,
    expected: str | None = None,
    title: str | Unset = UNSET,
    description: str | Unset = UNSET,
) -> Objective:
    """Change an objective of a draft. Raises EditConflict, ValidationError."""
    values = given(title=title, description=description)
    _require_open(lock(objective.strategy))
    return update_record(objective, user=user, expected=expected, **values)


@transaction.atomic
def edit_indicator(
    indicator: Indicator,
    *,
    user: User,
    expected: str | None = None,
    title: str | Unset = UNSET,
    unit: str | Unset = UNSET,
    baseline: float | Unset = UNSET,
    target: float | Unset = UNSET,
) -> Indicator:
    """Change an indicator of a draft. Raises EditConflict, ValidationError."""
    values = given(title=title, unit=unit, baseline=baseline, target=target)
    _require_open(lock(_strategy_of(indicator)))
    return update_record(indicator, user=user, expected=expected, **values)


@transaction.atomic
def withdraw_part(part, *, user: User, reason: str):
    """Take an objective or an indicator out of a draft."""
    _require_open(lock(_strategy_of(part)))
    return withdraw_record(part, user=user, reason=reason)


@transaction.atomic
def measure(
    *,
    user: User,
    indicator: Indicator,
    day: datetime.date,
    value: float,
    note: str | Unset = UNSET,
) -> Measurement:
    """Add what was measured; also to a cleared strategy. Kept with the first version's indicator."""
    values = given(day=day, value=value, note=note)
    require(is_visible(user, indicator) and may_create(user, Measurement, indicator.mission))
    first = indicator.first or indicator
    _require_no_more_secret(_strategy_of(indicator), _strategy_of(first))
    return create_record(
        Measurement, user=user, mission=indicator.mission, indicator=first, **values
    )


def _strategy_of(part: Objective | Indicator) -> Strategy:
    return part.strategy if isinstance(part, Objective) else part.objective.strategy


def _require_no_more_secret(strategy: Strategy, earlier: Strategy) -> None:
    """Versions of a strategy have one history, which readers of the earlier ones see."""
    further = set(strategy.compartments) - set(earlier.compartments)
    if strategy.classification > earlier.classification or further:
        message = gettext(
            "A version is no more secret than the one before it. Write a strategy of its own for what "
            "fewer may read."
        )
        raise ValidationError({"classification": message})


def _require_open(strategy: Strategy) -> None:
    if not strategy.is_open:
        raise ValidationError(
            gettext("A cleared strategy does not change. Begin its next version instead.")
        )
