"""Arguments of services that may be left out, where nothing and None differ."""

from __future__ import annotations

from enum import Enum
from typing import Any


class Unset(Enum):
    """The type of ``UNSET``."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


# A record that is made then has the field's default; one that is changed keeps what it has.
UNSET = Unset.UNSET


def given(**values: Any) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not UNSET}
