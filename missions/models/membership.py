from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet, missions_with, secrecy_of
from missions.choices import Classification, Role
from missions.models.area import FieldOffice
from missions.models.base import MissionOwned
from missions.models.component import Component
from missions.need_to_know import compartments_field, held_to, told
from missions.roles import Capability


class MembershipQuerySet(MissionScopedQuerySet):
    def visible_to(self, user) -> "MembershipQuerySet":
        """One's own; an administrator sees the whole mission's."""
        administered = missions_with(user, Capability.ADMINISTER)
        own = Q(member=user.pk) if user.is_authenticated else Q(pk__in=[])
        return self.current().filter(own | Q(mission__in=administered))

    def who_may_see(self, record) -> "MembershipQuerySet":
        """Those in the record's mission who may see it, with what it belongs to."""
        level, held = secrecy_of(record)
        return self.current().filter(
            mission=record.mission, clearance__gte=level, compartments__contains=held,
            member__is_active=True,
        )  # fmt: skip


class Membership(MissionOwned):
    """An account's access to a mission; ``missions.members`` alone writes it.

    ``asked_clearance``: what an administrator asked for (``asked_by``; None: the operator's command
    line) and a second one has not yet confirmed. Until then ``clearance`` stands.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.VIEWER)
    clearance = models.PositiveSmallIntegerField(
        _("clearance"), choices=Classification.choices, default=Classification.UNCLASSIFIED
    )
    compartments = compartments_field(
        _("need to know"), help_text=_("Records kept to these are read by who holds them.")
    )
    asked_clearance = models.PositiveSmallIntegerField(
        _("clearance asked for"), choices=Classification.choices, null=True, editable=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    component = models.ForeignKey(
        Component,
        verbose_name=_("component"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text=_("When set, the member plans for this component only."),
    )
    field_offices = models.ManyToManyField(
        FieldOffice,
        verbose_name=_("field offices"),
        blank=True,
        help_text=_("When set, the member writes for these offices only."),
    )

    objects = MembershipQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["mission", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "mission"], name="missions_membership_unique"
            ),
            models.CheckConstraint(
                name="missions_membership_clearance",
                condition=Q(clearance__in=Classification.values),
            ),
            models.CheckConstraint(
                name="missions_membership_compartments", condition=held_to("compartments")
            ),
            models.CheckConstraint(
                name="missions_membership_role", condition=Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.mission} · {self.get_role_display()}"

    def get_compartments_display(self) -> str:
        return told(self.compartments)

    def get_absolute_url(self) -> str:
        return reverse("member", args=[self.mission.code, self.pk])
