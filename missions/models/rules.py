from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.models.mission import Mission


class MissionRules(models.Model):
    """Base of what a floor lets each mission decide for itself; without a row the defaults hold."""

    mission = models.OneToOneField(
        Mission, verbose_name=_("mission"), on_delete=models.CASCADE, primary_key=True,
        related_name="%(class)s",
    )  # fmt: skip

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.mission)

    @classmethod
    def of(cls, mission: Mission) -> Self:
        """The mission's rules, stored or as they are by default; read once a mission object."""
        found = getattr(mission, cls._meta.model_name or "", None)
        return cls(mission=mission) if found is None else found
