from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from missions.access import MissionScopedQuerySet
from missions.models.base import MissionOwned


@lru_cache(maxsize=1)
def _cipher() -> MultiFernet:
    if not settings.INFORMANT_KEYS:
        raise ImproperlyConfigured(
            "INFORMANT_KEYS is empty: set at least one Fernet key before storing informants."
        )
    return MultiFernet([Fernet(key) for key in settings.INFORMANT_KEYS])


class EncryptedTextField(models.BinaryField):
    """Text stored as a Fernet token (AES-128-CBC with HMAC-SHA256). Cannot be searched."""

    def get_db_prep_value(self, value, connection, prepared=False) -> Any:
        token = _cipher().encrypt(value.encode()) if value else b""
        return super().get_db_prep_value(token, connection, prepared)

    def from_db_value(self, value, expression, connection) -> str:
        return _cipher().decrypt(bytes(value)).decode() if value else ""


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

    objects = InformantQuerySet.as_manager()

    class Meta:
        verbose_name = _("informant")
        verbose_name_plural = _("informants")

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:  # never a name in a traceback
        return f"<Informant {self.code}>"
