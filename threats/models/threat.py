from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, F, OuterRef, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet, own_visibility
from missions.choices import Classification
from missions.models.base import MissionRecord
from missions.roles import Capability
from records.search import search_indexes
from records.titles import MadeTitle, shown
from threats.choices import Phase, RiskLevel, ThreatKind, ThreatStatus, Trend
from threats.models.actor import ArmedActor
from threats.models.attributed import Attributed
from threats.models.community import Community
from threats.models.incident import Incident
from threats.models.sealing import SealsSources, informants_of, seen_of
from threats.models.titles import TITLE_FORMS

DISAGREEMENT = 2  # steps of likelihood


class ThreatQuerySet(MissionScopedQuerySet):
    def active(self) -> ThreatQuerySet:
        return self.filter(status=ThreatStatus.ACTIVE)

    def untouched_drafts(self) -> ThreatQuerySet:
        """Drafts of the portal's to which no person has given anything: these it may change.

        Nothing that the draft's own readers see, that is: else they could tell from a draft that
        stands still that somebody above them is at work.
        """
        given: Any = self.model._meta.get_field("assessments").related_model
        seen = given._default_manager.filter(
            threat=OuterRef("pk"), classification__lte=OuterRef("classification"),
            compartments__contained_by=OuterRef("compartments"),
        )  # fmt: skip
        return self.filter(
            models.Q(drafted_for=None) | models.Q(drafted_for=F("classification")),
            ~models.Exists(seen),
            status=ThreatStatus.PROPOSED, created_by=None, edited_by_hand=False,
        )  # fmt: skip

    def with_current_assessment(self, user) -> ThreatQuerySet:
        """Annotate the newest assessment the user may see.

        Adds ``likelihood`` and ``impact`` (1–5), ``risk`` (their product, 1–25) and
        ``assessed_at``, each None for a threat never assessed.
        """
        from threats.models.assessment import Assessment

        # The threat's own visibility is the outer query's; checked again here it would cost a join.
        newest = Assessment.objects.filter(
            own_visibility(Assessment, user), threat=OuterRef("pk")
        ).order_by("-created_at", "-pk")
        return self.annotate(
            likelihood=Subquery(newest.values("likelihood")[:1]),
            impact=Subquery(newest.values("impact")[:1]),
            assessed_at=Subquery(newest.values("created_at")[:1]),
        ).annotate(risk=F("likelihood") * F("impact"))

    def gravest_first(self) -> ThreatQuerySet:
        """By assessed risk, those never assessed last; after ``with_current_assessment``."""
        return self.order_by(F("risk").desc(nulls_last=True), "pk")

    def register_order(self) -> ThreatQuerySet:
        """The gravest active ones first, then those proposed, closed and rejected; the unassessed
        last among their like; after ``with_current_assessment``."""
        rank = {
            ThreatStatus.ACTIVE: 0, ThreatStatus.PROPOSED: 1, ThreatStatus.CLOSED: 2,
            ThreatStatus.REJECTED: 3,
        }  # fmt: skip
        standing = Case(*(When(status=status, then=place) for status, place in rank.items()))
        return self.order_by(standing.asc(), F("risk").desc(nulls_last=True), "pk")


class Threat(SealsSources, MadeTitle, MissionRecord):
    """A danger to civilians: who threatens whom, where, how and in which phase."""

    free_texts = ("title", "description", "motive", "modus_operandi", "phase_reason", "time_frame")
    unseen_fields = ("edited_by_hand",)
    to_create = Capability.REPORT
    to_change = Capability.ANALYSE
    to_change_own = Capability.REPORT
    office_path = "admin_area__field_office"
    title_forms = TITLE_FORMS
    shown_as: ClassVar[dict] = {"title": shown(TITLE_FORMS)}

    kind = models.CharField(
        _("type"), max_length=20, choices=ThreatKind.choices, default=ThreatKind.ATTACKS
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ThreatStatus.choices,
        default=ThreatStatus.PROPOSED,
        editable=False,
    )
    phase = models.CharField(
        _("phase"), max_length=15, choices=Phase.choices, default=Phase.PREVENTION
    )
    phase_since = models.DateField(_("in this phase since"), editable=False)
    phase_reason = models.TextField(_("why this phase"), blank=True)
    trend = models.CharField(
        _("trend"), max_length=10, choices=Trend.choices, default=Trend.UNKNOWN
    )
    perpetrators = models.ManyToManyField(
        ArmedActor, verbose_name=_("perpetrators"), through="ThreatPerpetrator", blank=True,
        related_name="threats",
    )  # fmt: skip
    parties = models.ManyToManyField(
        ArmedActor, verbose_name=_("parties, without blame"), through="ThreatParty", blank=True,
        related_name="threats_among",
    )  # fmt: skip
    communities = models.ManyToManyField(
        Community, verbose_name=_("communities"), blank=True, related_name="threats"
    )
    incidents = models.ManyToManyField(
        Incident, verbose_name=_("supporting incidents"), blank=True, related_name="threats"
    )
    admin_area = models.ForeignKey(
        "missions.AdminArea",
        verbose_name=_("administrative area"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="threats",
    )
    description = models.TextField(_("description"), blank=True, max_length=20_000)
    motive = models.TextField(_("motive"), blank=True, max_length=5_000)
    modus_operandi = models.TextField(_("modus operandi"), blank=True, max_length=5_000)
    time_frame = models.CharField(_("time frame"), max_length=250, blank=True)

    # What the evidence says, kept beside what people decide.
    suggested_phase = models.CharField(
        _("phase suggested by the evidence"),
        max_length=15,
        choices=Phase.choices,
        blank=True,
        editable=False,
    )
    suggested_likelihood = models.PositiveSmallIntegerField(
        _("likelihood suggested by the evidence"), null=True, blank=True, editable=False
    )
    suggestion = models.JSONField(
        _("figures behind the suggestion"), default=dict, blank=True, editable=False
    )
    # Of the portal's draft: the clearance from whose evidence it was made, and whether a person
    # changed anything of it since, which is then theirs.
    drafted_for = models.PositiveSmallIntegerField(
        choices=Classification.choices, null=True, blank=True, editable=False
    )
    edited_by_hand = models.BooleanField(default=False, db_default=False, editable=False)
    submission = models.UUIDField(null=True, blank=True, editable=False)

    objects = ThreatQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MissionRecord.Meta):
        verbose_name = _("threat")
        verbose_name_plural = _("threats")
        ordering = ["-created_at", "-pk"]
        constraints = [
            *MissionRecord.Meta.constraints,
            models.CheckConstraint(
                name="threats_threat_suggested_likelihood",
                condition=models.Q(suggested_likelihood__isnull=True)
                | models.Q(suggested_likelihood__range=(1, 5)),
            ),
            models.UniqueConstraint(
                fields=["mission", "submission"],
                condition=models.Q(submission__isnull=False),
                name="threats_threat_submission_unique",
            ),
        ]
        indexes = [
            *search_indexes("threats_threat", "title", "description"),
            models.Index(fields=["mission", "status"], name="threats_threat_status"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("threat-detail", args=[self.mission.code, self.pk])

    def told_by(self, values, user):
        linked = self.incidents.all() if self.pk else ()
        return informants_of(
            incidents=seen_of(Incident, user, linked, values.get("incidents")),
            alerts=self.alerts.visible_to(user) if self.pk else None,
        )

    def save(self, *args, **kwargs) -> None:
        if self.phase_since is None:
            self.phase_since = self.mission.today
        super().save(*args, **kwargs)

    def is_known_at(self, clearance: int) -> bool:
        """Whether it stands for what the portal would draft for a clearance: its readers see it, or
        it was drafted for them and a person then made it more secret."""
        if self.compartments:  # a person's, or a draft that a person then put there
            return self.drafted_for is not None and self.drafted_for <= clearance
        drafted_for = self.classification if self.drafted_for is None else self.drafted_for
        return min(self.classification, drafted_for) <= clearance

    @property
    def level(self) -> RiskLevel | None:
        """Level of the annotated likelihood × impact; None when not assessed."""
        likelihood, impact = getattr(self, "likelihood", None), getattr(self, "impact", None)
        return RiskLevel.of(likelihood, impact) if likelihood and impact else None


class ThreatPerpetrator(Attributed):
    """That an armed actor is behind a threat."""

    belongs_to = "threat"
    is_edited_with_owner = True

    threat = models.ForeignKey(
        Threat, verbose_name=_("threat"), on_delete=models.CASCADE, related_name="accused",
        db_index=False,  # the unique constraint's index begins with it
    )  # fmt: skip
    actor = models.ForeignKey(
        ArmedActor, verbose_name=_("armed actor"), on_delete=models.PROTECT, related_name="accused"
    )

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("perpetrator of a threat")
        verbose_name_plural = _("perpetrators of threats")
        ordering = ["threat", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["threat", "actor"], name="threats_threat_perpetrator_unique"
            )
        ]

    def __str__(self) -> str:
        return str(self.actor)


class ThreatParty(Attributed):
    """That an armed actor is one side of fighting that endangers civilians; it blames nobody."""

    belongs_to = "threat"
    is_edited_with_owner = True

    threat = models.ForeignKey(
        Threat, verbose_name=_("threat"), on_delete=models.CASCADE, related_name="sides",
        db_index=False,  # the unique constraint's index begins with it
    )  # fmt: skip
    actor = models.ForeignKey(
        ArmedActor, verbose_name=_("armed actor"), on_delete=models.PROTECT, related_name="sides"
    )

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("party of a threat")
        verbose_name_plural = _("parties of threats")
        ordering = ["threat", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["threat", "actor"], name="threats_threat_party_unique")
        ]

    def __str__(self) -> str:
        return str(self.actor)
