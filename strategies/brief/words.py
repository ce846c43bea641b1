"""Words that every part of a brief uses: days, numbers, what is cut, what is asked."""

from __future__ import annotations

import datetime

from django.utils.formats import date_format, number_format
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from strategies.brief.facts import Facts

LONGEST = {
    "title": 90,
    "beside": 72,  # a title with its place beside it
    "short": 46,
    "place": 34,
    "note": 110,
    "asked": 160,
}  # characters; more is cut


def long_day(day: datetime.date) -> str:
    """A day in full."""
    return date_format(day, "DATE_FORMAT")


def short_day(day: datetime.date) -> str:
    """A day without its year."""
    return date_format(day, "MONTH_DAY_FORMAT")


def number(value: float, decimals: int = 0) -> str:
    """A number as the language writes it."""
    return number_format(round(value, decimals), decimals, force_grouping=True)


def clip(text, kind: str) -> str:
    """A text cut to what a place of that kind holds, see ``LONGEST``."""
    return Truncator(str(text)).chars(LONGEST[kind])


def record(facts: Facts) -> list[str]:
    """Where the record ends before the week does; what happened since is not known."""
    end = facts.record.end
    if end is None:
        return [
            gettext(
                "No source has told of anything: nothing is known, and nothing is taken for peace."
            )
        ]
    if end >= facts.last:
        return [facts.record.hole_sentence] if facts.record.hole else []
    return [
        gettext(
            "No record since %(day)s: what happened since is not known, and is not taken for peace."
        )
        % {"day": long_day(end)}
    ]


def untold(facts: Facts) -> str:
    """Why nothing is told of a week of which no source speaks."""
    end = facts.record.end
    if end is None or end >= facts.first:
        return gettext("no record of this week: not known")
    return gettext("no record since %(day)s: not known") % {"day": short_day(end)}


def told_until(facts: Facts) -> str:
    """Which part of a week is told of, where it is not the whole."""
    week, end = facts.week, facts.record.end
    if end is not None and facts.first <= end < facts.last:
        return gettext("on record until %(day)s") % {"day": short_day(end)}
    return ngettext(
        "on record: %(n)s day of %(days)s", "on record: %(n)s days of %(days)s", week.on_record
    ) % {"n": number(week.on_record), "days": number(week.days)}


def as_of(day: datetime.date | None, facts: Facts) -> str:
    """Marks a score of an earlier day than the week's last."""
    if day is None or day >= facts.last:
        return ""
    return gettext("as of %(day)s") % {"day": short_day(day)}


def to_decide(facts: Facts, lines: list[str], most: int) -> list[str]:
    """What decisions are asked for, ``most`` lines: the author's, then those that wait."""
    asked = [clip(line.strip(), "asked") for line in lines if line.strip()]
    if facts.undecided:
        asked.append(
            ngettext(
                "Decide on %(n)s alert that waits for a decision.",
                "Decide on %(n)s alerts that wait for a decision.",
                facts.undecided,
            )
            % {"n": number(facts.undecided)}
        )
    if facts.proposed:
        asked.append(
            ngettext(
                "Accept or reject %(n)s threat proposed from the evidence.",
                "Accept or reject %(n)s threats proposed from the evidence.",
                facts.proposed,
            )
            % {"n": number(facts.proposed)}
        )
    if len(asked) > most:
        cut = len(asked) - most + 1
        asked = [
            *asked[: most - 1],
            ngettext("and %(n)s more", "and %(n)s more", cut) % {"n": cut},
        ]
    return asked


def unverified(count: int) -> str:
    """How many reports are in no figure, for nobody has verified what nobody can judge."""
    return ngettext(
        "%(n)s more report unverified (F6), not counted",
        "%(n)s more reports unverified (F6), not counted",
        count,
    ) % {"n": number(count)}
