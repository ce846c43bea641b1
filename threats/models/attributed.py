from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from threats.choices import StandardOfProof


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
