from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers


@dataclass(frozen=True)
class Extra:
    """Something a form or sheet may say that no field of the record takes as it is.

    ``field`` tells how the answer is read; ``put`` writes what was read into the row.
    """

    label: Any
    field: serializers.Field
    put: Callable[[dict, Any], None]
