"""The keys of one machine, made once."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from poc_portal.local.state import EXCLUSIVE, database_is_external, file_lock, state_directory


def load_secrets(state: Path | None = None) -> dict:
    """Set ``SECRET_KEY`` and ``INFORMANT_KEYS`` from the state directory, making them once.

    Does nothing to a variable that is already set, and nothing at all when ``DATABASE_URL`` is
    set: a production installation brings its own.
    """
    if database_is_external():
        return {}
    from cryptography.fernet import Fernet

    state = state or state_directory()
    state.mkdir(parents=True, exist_ok=True)
    path = state / "secrets.json"
    with file_lock(state / "secrets.lock", EXCLUSIVE):
        if path.exists():
            stored = json.loads(path.read_text())
        else:
            stored = {
                "SECRET_KEY": secrets.token_urlsafe(50),
                "INFORMANT_KEYS": Fernet.generate_key().decode(),
                "demo_password": secrets.token_hex(4),
            }
            descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(stored, file)
    for name in ("SECRET_KEY", "INFORMANT_KEYS"):
        os.environ.setdefault(name, stored[name])
    return stored
