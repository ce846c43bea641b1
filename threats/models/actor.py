from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.base import MissionOwned, MissionRecord
from missions.roles import Capability
from poc_portal.tabular.names import sort_key
from records.search import search_indexes
from threats.choices import ActorKind


class ArmedActor(MissionRecord):
    """An armed group or force. A coalition is one actor with member actors."""

    to_create = Capability.REPORT
    to_change = Capability.ANALYSE

    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=200, editable=False)
    aliases = ArrayField(
        models.CharField(max_length=200), verbose_name=_("other names"), default=list, blank=True
    )
    kind = models.CharField(
        _("kind"), max_length=30, choices=ActorKind.choices, default=ActorKind.UNKNOWN
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent actor"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    members = models.ManyToManyField(
        "self",
        verbose_name=_("members of the coalition"),
        symmetrical=False,
        blank=True,
        related_name="coalitions",
    )

    class Meta(MissionRecord.Meta):
        verbose_name = _("armed actor")
        verbose_name_plural = _("armed actors")
        ordering = ["sort_name", "pk"]
        indexes = [
            *search_indexes("threats_actor", "name"),
            models.Index(fields=["mission", "sort_name"], name="threats_actor_name"),
            GinIndex(
                fields=["sort_name"], opclasses=["gin_trgm_ops"], name="threats_actor_trigram"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **kwargs)


class ActorIdentifier(MissionOwned):
    """What a dataset calls an actor."""

    to_create = to_change = Capability.ANALYSE
    belongs_to = "actor"

    actor = models.ForeignKey(
        ArmedActor,
        verbose_name=_("armed actor"),
        on_delete=models.PROTECT,
        related_name="identifiers",
    )
    dataset = models.CharField(_("dataset"), max_length=30)
    value = models.CharField(_("identifier"), max_length=200)

    objects = MissionScopedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("actor identifier")
        verbose_name_plural = _("actor identifiers")
        ordering = ["dataset", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "dataset", "value"], name="threats_actor_identifier_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset}:{self.value}"
