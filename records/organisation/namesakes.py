"""Records that bear one identifier: each was stored out of the sight of another's writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from missions.access import Account
from missions.models import Mission
from records.bulk.models import BESIDE, ExternalId

LISTED = 100  # of each kind, the newest first


@dataclass(frozen=True)
class Namesakes:
    """The ``records`` of a ``kind`` that bear one ``identifier``, as far as their reader sees them."""

    kind: str
    identifier: str
    records: list[Any]


def namesakes(mission: Mission, user: Account) -> list[Namesakes]:
    """All that the user sees two of, by kind. A query or two for each kind."""
    found: list[Namesakes] = []
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if {"mission", "namesake"} <= names and hasattr(model, "identified_by"):
            found += _of_model(model, mission, user)
    return found + list(_by_external_ids(mission, user))


def _of_model(model: type[models.Model], mission: Mission, user: Account) -> Iterator[Namesakes]:
    named: tuple[str, ...] = model.identified_by  # type: ignore[attr-defined]
    visible = model._default_manager.visible_to(user).filter(mission=mission)  # type: ignore[attr-defined]
    beside = visible.filter(namesake__gt=0).order_by("-pk").values_list(*named)[:LISTED]
    keys = list(dict.fromkeys(beside))
    if not keys:
        return
    same: dict[tuple, list[Any]] = {key: [] for key in keys}
    wanted = reduce(or_, (Q(**dict(zip(named, key, strict=True))) for key in keys))
    for record in visible.filter(wanted).select_related("mission").order_by("pk"):
        same[tuple(getattr(record, name) for name in named)].append(record)
    for key, records in same.items():
        if len(records) > 1:
            yield Namesakes(str(model._meta.verbose_name_plural), " · ".join(key), records)


def _by_external_ids(mission: Mission, user: Account) -> Iterator[Namesakes]:
    """Of kinds whose identifiers stand in a table of their own."""
    rows = ExternalId.objects.filter(mission=mission)
    beside = rows.filter(value__contains=BESIDE).order_by("-pk")[:LISTED]
    wanted: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for row in beside:
        wanted[row.kind, row.source, row.value.partition(BESIDE)[0]].add(row.record)
    for (kind, source, value), keys in wanted.items():
        keys.update(
            rows.filter(kind=kind, source=source, value=value).values_list("record", flat=True)
        )
        model: Any = apps.get_model(kind)
        records = list(
            model.objects.visible_to(user)
            .filter(pk__in=keys)
            .select_related("mission")
            .order_by("pk")
        )
        if len(records) > 1:
            yield Namesakes(str(model._meta.verbose_name_plural), f"{source} · {value}", records)
