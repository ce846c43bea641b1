from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.base import MissionOwned
from poc_portal.fields import EncryptedTextField


class InformantQuerySet(MissionScopedQuerySet):
    """Sealed: no page, API answer, export or administration screen reads this table."""

    def visible_to(self, user) -> InformantQuerySet:
        return self.none()

    def editable_by(self, user) -> InformantQuerySet:
        return self.none()


def new_code() -> str:
    return get_random_string(8, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")


class Informant(MissionOwned):
    """Who told us. The only place that holds a source's name or contact, encrypted."""

    code = models.CharField(_("code"), max_length=8, default=new_code, editable=False, unique=True)
    name = EncryptedTextField(_("name"), blank=True, editable=True)
    contact = EncryptedTextField(_("contact"), blank=True, editable=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    objects = InformantQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("informant")
        verbose_name_plural = _("informants")

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:  # never a name in a traceback
        return f"<Informant {self.code}>"
