from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.choices import ComponentKind
from poc_portal.languages import readers_language
from strategies.choices import Tier
from threats.choices import Phase, ThreatKind


class CatalogueQuerySet(models.QuerySet):
    def visible_to(self, user) -> CatalogueQuerySet:
        """The catalogue holds nothing of any mission: whoever signed in may read it."""
        return self if user.is_authenticated else self.none()

    def fitting(self, threat_kind: str, component_kinds: list[str]) -> CatalogueQuerySet:
        """Entries for a type of threat that one of the components present usually does."""
        any_threat = models.Q(threat_kinds=[])
        return self.filter(
            any_threat | models.Q(threat_kinds__contains=[threat_kind]),
            components__overlap=component_kinds,
        )


class CatalogueActivity(models.Model):
    """A typical activity for a tier and phase, and the components that usually do it.

    Shipped as data; written anew from the file whenever the database is migrated.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier.choices)
    phase = models.CharField(_("phase"), max_length=15, choices=Phase.choices)
    components = ArrayField(
        models.CharField(max_length=30, choices=ComponentKind.choices),
        verbose_name=_("components"),
        help_text=_("Kinds of component, the usual lead first."),
    )
    threat_kinds = ArrayField(
        models.CharField(max_length=20, choices=ThreatKind.choices),
        verbose_name=_("types of threat"),
        default=list,
        help_text=_("Empty: against any."),
    )
    titles = models.JSONField(
        _("titles"), default=dict, help_text=_("By language; English is always there.")
    )

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("typical activity")
        verbose_name_plural = _("typical activities")
        ordering = ["pk"]  # that of the file: by tier and phase

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the reader's language, in English where the catalogue does not speak it."""
        return self.titles[readers_language(self.titles)]
