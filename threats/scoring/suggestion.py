"""A suggestion of phase, likelihood and status, and its reasons in sentences."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from threats.choices import Phase
from threats.scoring.signs import Sign


@dataclass(frozen=True)
class Suggestion:
    """``expected``: incidents in 30 days at the present rate; ``figures``: what was counted.

    ``status``: empty where the present one stands to reason. ``sign``: what quiet is taken for peace
    by, where the suggestion rests on it.
    """

    phase: Phase
    likelihood: int
    expected: float
    figures: dict
    status: str = ""
    sign: Sign | None = None

    @property
    def reasons(self) -> list[str]:
        """What was counted, in sentences."""
        figures = self.figures
        lines = [_record_ends(figures)] if figures.get("no_record_since") else []
        if figures.get("withheld"):
            return [*lines, gettext("That is more than a year ago: nothing is suggested.")]
        if figures.get("feared_at"):
            return [
                *lines,
                ngettext(
                    "No incident is linked to it: it is proposed for the risk of %(n)d place, where "
                    "%(e)s violent incidents against civilians are expected within 25 km in 30 days.",
                    "No incident is linked to it: it is proposed for the risk of %(n)d places; near the "
                    "most endangered %(e)s violent incidents against civilians are expected in 30 days.",
                    figures["feared_at"],
                )
                % {"n": figures["feared_at"], "e": number_format(round(self.expected, 2), 2)},
                *self._of_alerts(),
            ]
        counted = figures["incidents"]
        lines.append(
            ngettext(
                "%(n)d incident against civilians in twelve months, the latest %(when)s.",
                "%(n)d incidents against civilians in twelve months, the latest %(when)s.",
                counted,
            )
            % {"n": counted, "when": _ago(figures, "latest")}
            if counted
            else gettext("No incident against civilians in twelve months.")
        )
        other = figures["other_violence"]
        if other:
            lines.append(
                ngettext(
                    "%(n)d other violent incident, the latest %(when)s.",
                    "%(n)d other violent incidents, the latest %(when)s.",
                    other,
                )
                % {"n": other, "when": _ago(figures, "other_latest")}
            )
        lines += self._of_alerts()
        indicators = figures.get("indicators", 0)
        if indicators:
            lines.append(
                ngettext(
                    "%(n)d sign of violence to come in the last 14 days: tension, movements of armed "
                    "men, hate speech, occupation or denial of aid.",
                    "%(n)d signs of violence to come in the last 14 days: tension, movements of armed "
                    "men, hate speech, occupation or denial of aid.",
                    indicators,
                )
                % {"n": indicators}
            )
        lines.append(
            gettext("At the present rate %(e)s incidents are to be expected in 30 days.")
            % {"e": number_format(round(self.expected, 1), 1)}
        )
        return [*lines, *self._of_quiet()]

    def _of_alerts(self) -> list[str]:
        """That an alert says what is imminent."""
        alerts = self.figures.get("imminent_alerts", 0)
        if not alerts:
            return []
        return [
            ngettext(
                "%(n)d open alert of an imminent danger is linked to it.",
                "%(n)d open alerts of an imminent danger are linked to it.",
                alerts,
            )
            % {"n": alerts}
        ]

    def _of_quiet(self) -> list[str]:
        """Whether quiet is taken for peace, and why."""
        if self.sign is not None:
            return [gettext("A good sign since: %(sign)s.") % {"sign": self.sign}]
        if self.figures.get("silent"):
            return [
                gettext(
                    "From a place it names nothing is heard: quiet there is not taken for peace."
                )
            ]
        if self.figures.get("unconfirmed"):
            return [
                gettext(
                    "Quiet is not yet peace: no visit, call or other good sign of the last 90 days "
                    "is on record."
                )
            ]
        return []


def _record_ends(figures: dict) -> str:
    day = datetime.date.fromisoformat(figures["no_record_since"])
    return gettext("No record since %(day)s: as things stood then.") % {
        "day": date_format(day, "DATE_FORMAT")
    }


def _ago(figures: dict, name: str) -> str:
    """“9 days ago”, or the days it may have been; a span is never said to be of one day."""
    days, oldest = figures[f"{name}_days_ago"], figures.get(f"{name}_at_most_days_ago")
    if oldest is None and days == 0:
        return gettext("today")
    if oldest is None:
        return ngettext("%(d)d day ago", "%(d)d days ago", days) % {"d": days}
    newest = figures[f"{name}_at_least_days_ago"]
    if newest == 0:
        return ngettext(
            "within the last %(d)d day, its day unknown",
            "within the last %(d)d days, its day unknown",
            oldest + 1,
        ) % {"d": oldest + 1}
    return gettext("%(newest)d to %(oldest)d days ago, its day unknown") % {
        "newest": newest, "oldest": oldest,
    }  # fmt: skip
