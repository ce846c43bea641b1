"""Abstract bases of everything that belongs to a mission."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.access import Account, Grant, MissionScopedQuerySet
from missions.choices import Classification
from missions.models.followed import Followed
from missions.need_to_know import compartments_field, held_to, in_order, told
from missions.roles import Capability


def namesake_field() -> Any:
    """Tells records of one identifier apart, each out of the sight of the others' writers; 0: the
    first. See ``records.namesakes``."""
    return models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)


class MissionOwned(Followed):
    """A record of a mission: never deleted, only withdrawn with a reason.

    ``to_create``, ``to_change`` and ``to_change_own`` are the capabilities it takes to create such
    records, to change any of them, and to change those one made oneself; None: nobody does.
    ``office_path`` and ``component_path`` name the fields by which a membership limited to field
    offices or to a component is held to its own records.
    """

    to_create: Capability | None = Capability.ADMINISTER
    to_change: Capability | None = Capability.ADMINISTER
    to_change_own: Capability | None = None
    office_path: str = ""
    component_path: str = ""
    # Columns that hold what a source calls the record; none: it is kept as an ExternalId.
    external_fields: tuple[str, str] | None = None
    # Columns that name a record among the mission's; with ``namesake`` it is the only one.
    identified_by: tuple[str, ...] = ()

    mission = models.ForeignKey(
        "missions.Mission", verbose_name=_("mission"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    modified_at = models.DateTimeField(_("modified"), auto_now=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("withdrawn by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    withdrawn_reason = models.TextField(_("reason for withdrawal"), blank=True, editable=False)

    objects = MissionScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def check_written_by(self, user) -> None:
        """The model's own rules on who writes what, called before a record is stored.

        Raises PermissionDenied, or ValidationError with messages by field. By default none.
        """

    def told_to(self, user, name: str) -> Any:
        """The value of one of its own columns as a user who sees the record is told it.

        As it is stored, unless the model tells some readers less.
        """
        return getattr(self, name)

    def check_texts(self, values: Mapping[str, Any], user) -> None:
        """The model's own rules on what people may write, called before a record is stored.

        ``values``: those about to be stored, or the ``reason`` of a withdrawal. Raises
        ValidationError with messages by field. By default none.
        """

    @classmethod
    def write_condition(cls, grant: Grant, user: Account) -> Q | None:
        """Which of the mission's records a grant allows to change; None for none of them."""
        if grant.can(cls.to_change):
            condition = Q()
        elif grant.can(cls.to_change_own):
            condition = Q(created_by=user.pk)  # type: ignore[union-attr]
        else:
            return None
        return condition & cls.limits(grant)

    @classmethod
    def limits(cls, grant: Grant) -> Q:
        """Where a grant's limits to field offices and a component allow to write."""
        condition = Q()
        if grant.field_offices and (path := cls.path_to_office()):
            condition &= Q(**{f"{path}__in": grant.field_offices})
        if grant.component_id and cls.component_path:
            condition &= Q(**{cls.component_path: grant.component_id})
        return condition

    @classmethod
    def path_to_office(cls) -> str:
        """Its own field office's, or that of what it ``belongs_to``; empty for neither."""
        owner = getattr(cls, "belongs_to", "")
        if cls.office_path or not owner:
            return cls.office_path
        model: Any = cls
        for part in owner.split("__"):
            model = model._meta.get_field(part).related_model
        path = model.path_to_office()
        return f"{owner}__{path}" if path else ""


class MissionRecord(MissionOwned):
    """What a person writes: it has an author, a classification, and compartments if need be."""

    classification = models.PositiveSmallIntegerField(
        _("classification"),
        choices=Classification.choices,
        default=Classification.UNCLASSIFIED,
        help_text=_("Readers cleared for less do not see the record at all."),
    )
    compartments = compartments_field(
        _("need to know"), db_default=Value([], output_field=ArrayField(models.CharField())),
        help_text=_("Readers who do not hold all of these do not see the record at all."),
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    is_demonstration = models.BooleanField(
        _("demonstration"),
        default=False,
        editable=False,
        help_text=_("Made up to show the portal; not something that was observed or planned."),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_classification",
                condition=Q(classification__in=Classification.values),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_compartments", condition=held_to("compartments")
            ),
        ]

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        super().clean_fields(exclude)
        self.compartments = in_order(self.compartments)

    def get_compartments_display(self) -> str:
        return told(self.compartments)

    def as_told(self, text: str) -> str:
        """A text of the record's; the demonstration's own sentences, a line each, in the reader's
        language."""
        if not self.is_demonstration:
            return text
        return "\n".join(gettext(line) if line.strip() else line for line in text.splitlines())
