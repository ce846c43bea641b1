"""Model fields of the frame."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=1)
def _cipher() -> MultiFernet:
    if not settings.INFORMANT_KEYS:
        raise ImproperlyConfigured(
            "INFORMANT_KEYS is empty: set at least one Fernet key before storing informants."
        )
    return MultiFernet([Fernet(key) for key in settings.INFORMANT_KEYS])


if TYPE_CHECKING:
    TextStoredAsBinary = models.BinaryField[str, str]
else:
    TextStoredAsBinary = models.BinaryField


class EncryptedTextField(TextStoredAsBinary):
    """Text stored as a Fernet token (AES-128-CBC with HMAC-SHA256). Cannot be searched."""

    def to_python(self, value) -> Any:
        return value  # text already; a plain BinaryField takes text for base64

    def get_db_prep_value(self, value, connection, prepared=False) -> Any:
        token = _cipher().encrypt(value.encode()) if value else b""
        return super().get_db_prep_value(token, connection, prepared)

    def from_db_value(self, value, expression, connection) -> str:
        return _cipher().decrypt(bytes(value)).decode() if value else ""
