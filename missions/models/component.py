from functools import lru_cache
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from missions.choices import ComponentKind, Pillar
from missions.models.base import MissionOwned
from poc_portal.declarations.extensions import page_of


@lru_cache(maxsize=64)
def usual_name(kind: str) -> str:
    """What a component of a kind is called in the database until somebody renames it."""
    with override(settings.LANGUAGE_CODE):
        return str(ComponentKind(kind).label)


def name_to_show(kind: str, name: str) -> str:
    """A component's name; one nobody has renamed is its kind's, in the reader's language."""
    return str(ComponentKind(kind).label) if name == usual_name(kind) else name


def shown_name(path: str) -> Case:
    """What ``name_to_show`` gives, to sort by; ``path`` leads to the component."""
    shown = [
        When(**{f"{path}kind": kind, f"{path}name": usual_name(kind)}, then=Value(str(kind.label)))
        for kind in ComponentKind
    ]
    return Case(*shown, default=F(f"{path}name"), output_field=models.CharField())


class Component(MissionOwned):
    """A part of the mission that does protection work, under one pillar.

    Lists sort by the name they show; the default order, of choices in forms, is by the stored one.
    """

    shown_as: ClassVar[dict] = {"name": shown_name}

    kind = models.CharField(_("kind"), max_length=30, choices=ComponentKind.choices)
    name = models.CharField(_("name"), max_length=200)
    pillar = models.CharField(_("pillar"), max_length=10, choices=Pillar.choices, editable=False)

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        ordering = ["pillar", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "kind", "name"], name="missions_component_unique"
            )
        ]

    def __str__(self) -> str:
        return name_to_show(self.kind, self.name)

    def get_absolute_url(self) -> str:
        return page_of(self)

    def save(self, *args, **kwargs) -> None:
        self.pillar = ComponentKind(self.kind).pillar
        super().save(*args, **kwargs)
