"""The five figures at the head of a brief, in words.

What happened is told only of days that some source speaks of, and a mean only of whole weeks of them:
the end of the record is not peace.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext, ngettext

from poc_portal.templatetags.portal import duration, percent
from strategies.brief.facts import Facts, Week
from strategies.brief.words import number, told_until, untold, unverified


def figures_of(facts: Facts) -> list[dict]:
    """Each with ``value``, ``label`` and ``note``."""

    def figure(
        labels: Callable[[int], str],
        of: Callable[[Week], float | None],
        nothing: str,
        about: str = "",
        is_recorded: bool = True,
    ) -> dict:
        """``is_recorded``: of events, which are known only of days that some source speaks of."""
        week = facts.week
        weeks = [one for one in facts.before if not is_recorded or one.on_record == one.days]
        value, before = of(week), [of(one) or 0 for one in weeks]
        label = labels(2 if value is None else round(value))
        if value is None:
            return {"value": "–", "label": label, "note": untold(facts)}
        is_whole = not is_recorded or week.on_record == week.days
        if not value and not any(before) and is_whole and len(before) == len(facts.before):
            left_out = [unverified(week.unverified)] if is_recorded and week.unverified else []
            return {"value": "–", "label": label, "note": " · ".join([nothing, *left_out])}
        notes = [] if is_whole else [told_until(facts)]
        if is_recorded and week.unverified:
            notes.append(unverified(week.unverified))
        if before:
            notes.append(
                ngettext(
                    "%(mean)s a week in the %(n)s week before",
                    "%(mean)s a week in the %(n)s weeks before",
                    len(before),
                )
                % {"mean": number(sum(before) / len(before), 1), "n": number(len(before))}
            )
        elif is_recorded:
            notes.append(gettext("no whole week before is on record"))
        return {"value": about + number(value), "label": label, "note": " · ".join(notes)}

    week = facts.week
    # Of what happened on an unknown day, the share of its days counts.
    about = "≈ " if week.inexact else ""
    required = any(cell.required for cell in facts.matrix)
    gaps = sum(cell.gaps for cell in facts.matrix)
    return [
        figure(lambda n: ngettext("incident against civilians", "incidents against civilians", n),
               lambda w: w.incidents,
               gettext("none on record in five weeks: ask who reports"), about),
        figure(lambda n: ngettext("civilian death known", "civilian deaths known", n),
               lambda w: w.civilian_deaths,
               gettext("none known in five weeks"), about),
        figure(lambda n: ngettext("alert", "alerts", n), lambda w: w.alerts,
               gettext("none received in five weeks: ask whether they are filed"),
               is_recorded=False),
        {
            "value": percent(week.answered / week.alerts) if week.alerts else "–",
            "label": gettext("of the week's alerts responded to"),
            "note": gettext("median time to a decision %(d)s, to a response %(r)s")
            % {"d": duration(week.to_decision), "r": duration(week.to_response)}
            if week.alerts
            else gettext("no alert this week: nothing to judge"),
        },
        {
            "value": number(gaps) if required else "–",
            "label": ngettext("gap in the matrix", "gaps in the matrix", gaps),
            "note": gettext("%(n)s a week before")
            % {"n": number(sum(cell.gaps for cell in facts.matrix_before))}
            if required
            else gettext("no active threat calls for anything: accept or report one"),
        },
    ]  # fmt: skip
