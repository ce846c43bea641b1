from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.base import MissionOwned, MissionRecord, namesake_field
from missions.roles import Capability
from poc_portal.tabular.names import sort_key
from records.search import search_indexes
from threats.choices import ActorKind, ActorReview
from threats.models.rules import ThreatRules
from threats.models.sealing import SealsSources
from threats.rules.names import UNESTABLISHED, is_listed


class ArmedActor(SealsSources, MissionRecord):
    """An armed group or force. A coalition is one actor with member actors."""

    free_texts = ("name", "aliases")

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
        through="CoalitionMember",
        through_fields=("coalition", "member"),
    )

    # A people is not an armed group: until a person decides, such a name has no kind.
    review = models.CharField(
        _("review"), max_length=10, choices=ActorReview.choices, blank=True, editable=False
    )
    seen_organised = models.BooleanField(
        _("seen as a side of state-based or one-sided violence"), default=False, editable=False
    )
    kind_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("kind decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    kind_decided_at = models.DateTimeField(
        _("kind decided at"), null=True, blank=True, editable=False
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
        return gettext(UNESTABLISHED) if self.name == UNESTABLISHED else self.name

    def get_absolute_url(self) -> str:
        return reverse("actor-detail", args=[self.mission.code, self.pk])

    def save(self, *args, **kwargs) -> None:
        self.sort_name = sort_key(self.name)
        if self.kind != ActorKind.UNKNOWN:
            self.review = ActorReview.NONE  # a kind decides it
        elif self._state.adding and not self.review and self._is_listed():
            self.review = ActorReview.LISTED
        super().save(*args, **kwargs)

    def _is_listed(self) -> bool:
        return is_listed(self.name, ThreatRules.of(self.mission).peoples)


class CoalitionMember(models.Model):
    """That an actor belongs to a coalition, and from when to when as far as is known."""

    belongs_to = "coalition"
    is_edited_with_owner = True

    coalition = models.ForeignKey(
        ArmedActor, verbose_name=_("coalition"), on_delete=models.CASCADE,
        related_name="belongings", db_column="from_armedactor_id",
    )  # fmt: skip
    member = models.ForeignKey(
        ArmedActor, verbose_name=_("member"), on_delete=models.CASCADE,
        related_name="coalition_links", db_column="to_armedactor_id",
    )  # fmt: skip
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        db_table = "threats_armedactor_members"
        verbose_name = _("member of a coalition")
        verbose_name_plural = _("members of coalitions")
        ordering = ["coalition", "pk"]
        unique_together = [("coalition", "member")]

    def __str__(self) -> str:
        return str(self.member)


class ActorIdentifier(MissionOwned):
    """What a dataset calls an actor."""

    to_create = to_change = Capability.ANALYSE
    belongs_to = "actor"
    identified_by = ("dataset", "value")

    actor = models.ForeignKey(
        ArmedActor,
        verbose_name=_("armed actor"),
        on_delete=models.PROTECT,
        related_name="identifiers",
    )
    dataset = models.CharField(_("dataset"), max_length=30)
    value = models.CharField(_("identifier"), max_length=200)
    namesake = namesake_field()

    objects = MissionScopedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("actor identifier")
        verbose_name_plural = _("actor identifiers")
        ordering = ["dataset", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "dataset", "value", "namesake"],
                name="threats_actor_identifier_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset}:{self.value}"

    def get_absolute_url(self) -> str:
        return self.actor.get_absolute_url()
