"""What people write freely holds no name or contact of who told, and no telephone number.

A model declares its texts once; ``records.services`` asks it before anything is stored or withdrawn,
so that forms, REST, calls of many and sheets obey the same. See ``threats.rules.accounts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import Q

from poc_portal.postgres.memo import cached
from threats.models.informant import Informant
from threats.rules.accounts import require_sealed, sealed_in

BESIDE = ("note", "reason")  # what is written with a change, and kept in a row of its own


class SealsSources:
    """A record with texts that people write freely.

    ``free_texts``: names of its fields that hold them, texts or lists of texts.
    """

    free_texts: ClassVar[tuple[str, ...]] = ()

    def told_by(self, values: Mapping[str, Any], user: Any) -> Iterable[Informant]:
        """Who told of what the record is about, as far as the user may see that.

        Whoever sealed them; ``check_texts`` goes by the writer's own. ``values``: what is about to be
        stored. None unless a model says otherwise.
        """
        return ()

    def check_texts(self, values: Mapping[str, Any], user: Any) -> None:
        """Raise ValidationError by field for texts that tell who told, or hold a telephone number.

        Names and contacts are compared only of informants whom the writer has sealed, or names in the
        same call: an answer about anybody else's would tell, asked often enough, who they are. Of
        those who told of what the record is about a part of a name is enough, else a whole one.
        """
        texts = {
            name: _as_text(values[name])
            for name in (*self.free_texts, *BESIDE)
            if values.get(name) and isinstance(values[name], str | list | tuple)
        }
        if not texts:
            return
        places = str(values.get("place_name") or getattr(self, "place_name", ""))
        told = sealed_in(
            informant
            for informant in self.told_by(values, user)
            if informant.created_by_id == user.pk
        )
        # A place may be called as somebody is: its own name is nobody's but in full.
        named = {name: text for name, text in texts.items() if name != "place_name"}
        require_sealed(named, names=told["names"], contacts=told["contacts"], places=places)
        mission = getattr(values.get("mission"), "pk", None) or self.mission_id  # type: ignore[attr-defined]
        own = cached(("sealed by", user.pk, mission), lambda: sealed_by(user, mission))
        names, contacts = told["names"] + own["names"], told["contacts"] + own["contacts"]
        require_sealed(texts, names=names, contacts=contacts, is_whole=True)


def informants_of(*, incidents: Any = None, alerts: Any = None) -> Iterable[Informant]:
    """Those who told of some incidents and alerts, given as querysets."""
    found = Q(pk__in=())
    if incidents is not None:
        found |= Q(sources__incident__in=incidents.order_by())
    if alerts is not None:
        found |= Q(alerts__in=alerts.order_by())
    return Informant.objects.filter(found).distinct()


def seen_of(model: Any, user: Any, linked: Iterable[Any], given: Iterable[Any] | None) -> Any:
    """A queryset of records of a model, of those ``linked`` and ``given``, that the user may see."""
    keys = {record.pk for record in linked} | {record.pk for record in given or ()}
    return model.objects.visible_to(user).filter(pk__in=keys)


def sealed_by(user: Any, mission: int) -> dict[str, list[str]]:
    """Names and contacts of the informants a user has sealed in a mission."""
    return sealed_in(Informant.objects.filter(mission=mission, created_by=user.pk))


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else " ; ".join(map(str, value))
