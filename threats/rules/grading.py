"""What nobody can judge counts for nothing until somebody verifies it: the one rule.

Of the Admiralty scale: a source whose reliability cannot be judged (F), who tells what cannot be
judged either (6). Such a report of the mission's own, or alert, stays on record and in every list; no
score, suggestion or draft threat goes by it. Published datasets judge their sources themselves.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext

from threats.alerts.choices import Verification
from threats.choices import Credibility, Reliability

Grade = tuple[str, int]  # reliability, credibility
UNJUDGED: Grade = (Reliability.F, Credibility.UNKNOWN)
CONFIRMS = (Verification.CONFIRMED, Verification.PARTLY)

SETTLES = (*CONFIRMS, Verification.FALSE)  # what is found false waits for nothing more

# Condition on incidents: what every figure of what happened leaves out, and tells apart.
COUNTED = Q(awaits_verification=False)
# Condition on alerts, whose grade and verification stand in their own row.
ALERT_AWAITS = Q(reliability=UNJUDGED[0], credibility=UNJUDGED[1]) & ~Q(verification__in=SETTLES)
ALERT_COUNTS = ~ALERT_AWAITS & ~Q(verification=Verification.FALSE)


def awaits(
    grades: Collection[Grade], *, is_verified: bool, withdrawn: Collection[Grade] = ()
) -> bool:
    """Whether a report with sources so graded waits to be verified; one that never named any does not.

    ``withdrawn``: the grades of its withdrawn sources. Where no other stands, one of them that nobody
    could judge keeps the report waiting: taking a source away lends a report nothing.
    """
    if is_verified:
        return False
    return all(grade == UNJUDGED for grade in grades) if grades else UNJUDGED in withdrawn


def told_report_awaits() -> str:
    """What the page of a report says, and the answer to filing it."""
    return gettext(
        "It counts for nothing yet: graded F6. No score, suggestion or draft threat goes by it; verify "
        "it to let it count."
    )


def told_words_only() -> str:
    """What to tell who merged such a report into one that counts."""
    return gettext(
        "Of the report graded F6 no number, place or actor was taken over: nobody has verified it. "
        "Correct the report kept with what you know to be right."
    )


def told_own() -> str:
    """What whoever filed a report is told where it waits to be verified."""
    return gettext("You filed this report: somebody else must verify it.")


def told_own_alert() -> str:
    """The same of an alert."""
    return gettext("You filed this alert, graded F6: somebody else must confirm it.")


def told_alert_awaits() -> str:
    """The same of an alert, which is verified by a step."""
    return gettext(
        "It counts for nothing yet: graded F6. No score or suggestion goes by it until the step "
        "“Verified” confirms it, at least in part."
    )


# Of the API's description, of incidents and alerts.
AWAITS_HELP = (
    "Graded F6 and verified by nobody: it counts for nothing yet, in no score, suggestion or draft."
)
