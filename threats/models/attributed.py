from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from threats.choices import ActorPart, StandardOfProof


class Attributed(models.Model):
    """A link of an armed actor to what happened or is feared, with its standard of proof.

    Whoever names an actor alleges; a higher standard is set by a person, and kept with name and time.
    ``standard_set_by`` is empty for what a dataset or the portal linked.
    """

    standard = models.CharField(
        _("standard of proof"),
        max_length=20,
        choices=StandardOfProof.choices,
        default=StandardOfProof.ALLEGATION,
        db_default=StandardOfProof.ALLEGATION,
    )
    standard_set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("set by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    standard_set_at = models.DateTimeField(
        _("set at"), default=timezone.now, db_default=Now(), editable=False
    )

    class Meta:
        abstract = True


class ProofSetting(models.Model):
    """A standard of proof as it stood from ``set_at`` on: of an actor's part in an incident or threat.

    Only ever added, and kept when the link itself goes. The first row of a link is what stood before
    anybody set it, without ``set_by``.
    """

    incident = models.ForeignKey(
        "threats.Incident", on_delete=models.CASCADE, null=True, related_name="proof_settings"
    )
    threat = models.ForeignKey(
        "threats.Threat", on_delete=models.CASCADE, null=True, related_name="proof_settings"
    )
    actor = models.ForeignKey("threats.ArmedActor", on_delete=models.CASCADE, related_name="+")
    part = models.CharField(_("part"), max_length=15, choices=ActorPart.choices)
    standard = models.CharField(
        _("standard of proof"), max_length=20, choices=StandardOfProof.choices
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("set by"), on_delete=models.PROTECT, null=True,
        related_name="+",
    )  # fmt: skip
    set_at = models.DateTimeField(_("set at"))

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("standard of proof")
        verbose_name_plural = _("standards of proof")
        ordering = ["set_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="threats_proofsetting_of_one",
                condition=models.Q(incident=None, threat__isnull=False)
                | models.Q(incident__isnull=False, threat=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_standard_display()} {self.set_at:%Y-%m-%d}"
