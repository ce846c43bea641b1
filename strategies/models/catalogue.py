from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.choices import ComponentKind
from poc_portal.languages import readers_language
from strategies.choices import WITHHELD, Caution, Tier
from threats.choices import ActorFamily, Phase, ThreatKind


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
    perpetrators = ArrayField(
        models.CharField(max_length=20, choices=ActorFamily.choices),
        verbose_name=_("perpetrators"),
        default=list,
        help_text=_("Kinds of perpetrator it fits. Empty: any."),
    )
    cautions = ArrayField(
        models.CharField(max_length=10, choices=Caution.choices),
        verbose_name=_("cautions"),
        default=list,
        help_text=_("What it can do wrong where a state force is among the perpetrators."),
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

    def withheld_from(self, families: set[str]) -> Caution | None:
        """Why it must not be done about these kinds of perpetrator; None: it may."""
        if ActorFamily.STATE not in families:
            return None
        return next((Caution(each) for each in self.cautions if each in WITHHELD), None)

    def fits(self, families: set[str]) -> bool:
        """Whether it is made for any of these; perpetrators not established may be anybody."""
        return not self.perpetrators or not families or bool(families & set(self.perpetrators))

    @property
    def supports_a_force(self) -> bool:
        """Whether the mission's due diligence on the force supported must come first.

        Human rights due diligence policy on United Nations support to non-United Nations security
        forces (A/67/775-S/2013/110).
        """
        return Caution.SUPPORTS in self.cautions

    @property
    def title(self) -> str:
        """In the reader's language, in English where the catalogue does not speak it."""
        return self.titles[readers_language(self.titles)]
