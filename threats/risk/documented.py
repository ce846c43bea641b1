"""What missions themselves documented, to be read beside what the risk model saw in the same months.

The model learns from what is public and reported to the portal, which is a small part.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Documented:
    """``incidents`` that a mission's human rights division documented from ``first`` to ``last``."""

    first: datetime.date
    last: datetime.date
    incidents: int


# By the mission's code. MINUSCA: quarterly figures of its Human Rights Division, January–March 2018.
DOCUMENTED = {
    "MINUSCA": Documented(datetime.date(2018, 1, 1), datetime.date(2018, 3, 31), 891),
}
