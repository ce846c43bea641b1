"""How secret a mission's own report is where nobody says otherwise: the one table of it.

By code of the kind, whether of an incident, an alert or a threat; a kind that stands in no line is
confidential. Imports and pulls declare theirs with what they bring (UCDP and ACLED are published:
unclassified); sheets and forms of one's own follow this table. Communities and armed actors are no
reports: what is public of them stays unclassified until somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from missions.choices import Classification, Compartment

# Sexual violence, children, and harm by the mission's own or supported forces.
STRICT_KINDS = frozenset(
    {
        "sexual_violence",
        "exploitation",
        "child_rights_violation",
        "child_rights",
        "child_recruitment",
        "own_forces",
    }
)
# Proposed to writers who hold it; whether it is taken is theirs to say.
USUAL_COMPARTMENTS = {
    "sexual_violence": Compartment.CRSV.value,
    "child_rights_violation": Compartment.CHILDREN.value,
    "child_rights": Compartment.CHILDREN.value,
    "child_recruitment": Compartment.CHILDREN.value,
}
OTHERWISE = Classification.CONFIDENTIAL  # every other kind, and whatever names an informant


def usual_classification(kind: str) -> Classification:
    """The classification a report of this kind has by default: at least confidential.

    That is also the least for a report that names an informant.
    """
    return Classification.STRICTLY_CONFIDENTIAL if kind in STRICT_KINDS else OTHERWISE


def require_least(level: int | None) -> None:
    """Raise ValidationError for a level said of a report whose informant is sealed, below the least.

    ``level``: None where nobody said one.
    """
    if level is not None and level < OTHERWISE:
        raise ValidationError(
            {
                "classification": gettext(
                    "An informant is sealed with it: such a report is at least “%(level)s”, for who "
                    "reads it may guess who told."
                )
                % {"level": OTHERWISE.label}
            }
        )


def raised(
    record: Any, values: dict[str, Any], *, is_sealed: bool = False, by_kind: bool = True
) -> dict[str, Any]:
    """The values of a change, with the classification they call for where they say none.

    Raised to what is usual of a new kind (``by_kind``), and to the least of a report whose informant
    is sealed (``is_sealed``); never lowered: only who says a level lowers one. Raises ValidationError
    for one below that least.
    """
    if "classification" in values:
        if is_sealed:
            require_least(values["classification"])
        return values
    level = record.classification
    kind = values.get("kind", record.kind)
    if by_kind and kind != record.kind:
        level = max(level, usual_classification(kind))
    if is_sealed:
        level = max(level, OTHERWISE)
    return values if level == record.classification else values | {"classification": level}


# Of the API's description; the codes are those of the table.
USUAL_LEVEL = (
    "Readers cleared for less do not see the record at all. By default (when a new record leaves it"
    f" out) 2 for the kinds {', '.join(sorted(STRICT_KINDS))}, else 1; who is cleared for less may"
    " still file it, and is then answered its id and classification, and no longer sees it."
)


def usual_level_of(row: Mapping[str, Any]) -> int:
    """The same of a row of a sheet, by the code of its kind."""
    return int(usual_classification(str(row.get("kind", ""))))
