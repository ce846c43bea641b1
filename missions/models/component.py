from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from missions.choices import ComponentKind, Pillar
from missions.models.base import MissionOwned


class Component(MissionOwned):
    """A part of the mission that does protection work, under one pillar."""

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
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("component-detail", args=[self.mission.code, self.pk])

    def save(self, *args, **kwargs) -> None:
        self.pillar = ComponentKind(self.kind).pillar
        super().save(*args, **kwargs)
