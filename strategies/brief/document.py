"""A brief's facts put into words of one language: plain values a page and a PDF both print.

A document is a mapping: ``title``, ``mission``, ``office``, ``period``, ``marking``, ``notes``;
``figures``, each ``{value, label, note}``; ``sections``, each ``{key, title, note, columns, rows,
cut, empty}`` with rows of ``{text, note, tone}``; ``matrix`` with ``phases``, ``rows`` and ``empty``; ``map``,
an SVG; ``asked``, lines; ``words``, headings; ``issued``, by whom and when, or that it is a draft.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from poc_portal.templatetags.portal import duration, percent, points
from poc_portal.web.clock import as_clock
from strategies.brief.facts import Facts, Listed
from strategies.brief.figures import figures_of
from strategies.brief.map import draw
from strategies.brief.words import as_of, clip, long_day, number, record, short_day, to_decide
from strategies.choices import CellState, Tier
from strategies.coverage.cells import MissionCell, as_rows, counted
from threats.alerts.choices import AlertDecision
from threats.choices import Phase
from threats.models import Alert

ASKED = 8  # lines


def document(
    facts: Facts, language: str, asked: list[str], issued: tuple[str, datetime.datetime] | None
) -> dict:
    """The brief in a language.

    ``asked``: decisions its author asks for, a line each. ``issued``: by whom and when; None for a
    draft.
    """
    with translation.override(language), timezone.override(facts.mission.zone):
        return {
            "language": language,
            "title": gettext("Weekly brief: protection of civilians"),
            "mission": facts.mission.code,
            "mission_name": facts.mission.name,
            "office": str(facts.office or gettext("Whole mission")),
            "period": gettext("%(first)s to %(last)s")
            % {"first": long_day(facts.first), "last": long_day(facts.last)},
            "marking": str(facts.clearance.label),
            "figures": figures_of(facts),
            "sections": [
                _uncovered(facts), _incidents(facts), _risen(facts), _threats(facts), _alerts(facts), _gaps(facts),
                _moves(facts), _overdue(facts),
            ],
            "matrix": _matrix(facts),
            "map": draw(facts),
            "asked": to_decide(facts, asked, ASKED),
            "words": {
                "asked": gettext("Decisions asked for"),
                "map": gettext("Where"),
                "matrix": gettext("Mission matrix"),
                "matrix_note": gettext(
                    "share of the required protection that is planned, under way or done; "
                    "change in a week"
                ),
                "legend": gettext(
                    "Circles: communities, large from the band “raised” up, darker the higher the band. "
                    "Diamonds: the incidents listed. Triangles: alerts. Squares: field offices."
                ),
            },
            "issued": gettext("Issued by %(who)s on %(when)s")
            % {"who": issued[0], "when": as_clock(issued[1])}
            if issued
            else gettext("Draft, not issued"),
            "notes": [
                *record(facts),
                gettext("Made from what readers cleared for “%(level)s” may see.")
                % {"level": facts.clearance.label},
                gettext("Records under need-to-know are not counted here."),
                gettext("Risk: probability of recorded deadly violence against civilians within 25 km in 30 days."),
                gettext("Boundaries and names on the map do not imply endorsement or acceptance."),
            ],
        }  # fmt: skip


def _cell(text, note="", tone: str = "") -> dict:
    return {"text": str(text), "note": str(note), "tone": tone}


def _section(key: str, title: str, note: str, columns: list[str], found: Listed, row: Callable,
             empty: str) -> dict:  # fmt: skip
    return {
        "key": key,
        "title": title,
        "note": note,
        "columns": columns,
        "rows": [row(record) for record in found.rows],
        "cut": ngettext("and %(n)s more", "and %(n)s more", found.cut) % {"n": number(found.cut)}
        if found.cut
        else "",
        "empty": empty,
    }


def _nearby(count: int) -> str:
    """Neighbours that share a row; empty for none."""
    if not count:
        return ""
    return ngettext("and %(n)s other nearby", "and %(n)s others nearby", count) % {
        "n": number(count)
    }


def _uncovered(facts: Facts) -> dict:
    def row(place) -> list[dict]:
        community = place.community
        return [
            _cell(clip(community, "place"), _nearby(len(place.neighbours))),
            _cell(clip(community.admin_area or "–", "place")),
            _cell(percent(community.probability, 1), as_of(community.scored_for, facts)),
            _cell(gettext("unknown") if community.people.total is None
                  else number(community.people.total)),
            _cell(place.lack_label),
        ]  # fmt: skip

    found = facts.uncovered
    return _section(
        "uncovered", gettext("Uncovered places"),
        ngettext(
            "%(n)s endangered place without an active threat or a live activity",
            "%(n)s endangered places without an active threat or a live activity",
            found.total,
        ) % {"n": number(found.total)} if found.total else "",
        [gettext("Community"), gettext("Area"), gettext("Risk"), gettext("People"),
         gettext("What is missing")],
        Listed(found.rows, found.total - found.listed), row, found.nothing,
    )  # fmt: skip


def _incidents(facts: Facts) -> dict:
    def row(incident) -> list[dict]:
        deaths = incident.known_deaths
        toll = gettext("unknown") if deaths is None else number(deaths)
        civilian = incident.civilian_deaths
        note = "" if civilian is None else gettext("civilians: %(n)s") % {"n": number(civilian)}
        notes = [gettext("against civilians")] if incident.against_civilians else []
        if incident.awaits_verification:
            notes.append(gettext("unverified (F6), not counted"))
        where = incident.place_name or incident.admin_area or ""
        area = incident.admin_area if incident.place_name else ""
        return [
            _cell(incident.when_of_year),
            _cell(incident.get_kind_display(), " · ".join(notes)),
            _cell(clip(where, "place"), clip(area or "", "place")),
            _cell(toll, note),
        ]  # fmt: skip

    return _section(
        "incidents", gettext("What happened"),
        " ".join([*record(facts), gettext("the gravest of the week")]),
        [gettext("Date"), gettext("Incident"), gettext("Place"), gettext("Deaths")], facts.incidents, row,
        gettext("No incident is on record for this week.")
        if facts.week.on_record
        else gettext("Nothing to judge: no source speaks of this week."),
    )  # fmt: skip


def _risen(facts: Facts) -> dict:
    def row(risen) -> list[dict]:
        community, explanation = risen.score.community, risen.explanation
        reasons = [part for part in explanation.changes if part.expected > 0]
        reasons.sort(key=lambda part: -part.expected)
        why = reasons[0].label if reasons else explanation.parts[0].label
        return [
            _cell(clip(community, "place"),
                  _nearby(risen.others) or clip(community.admin_area or "", "place")),
            _cell(percent(risen.after, 1), points(risen.after - risen.before)),
            _cell(clip(why, "note")),
        ]  # fmt: skip

    note = ""
    if facts.scored:
        before, after = facts.scored
        note = gettext("probability on %(after)s against %(before)s") % {
            "after": short_day(after), "before": short_day(before),
        }  # fmt: skip
    return _section(
        "risen", gettext("Communities whose risk rose most"), note,
        [gettext("Community"), gettext("Risk"), gettext("Mainly because of")], facts.risen, row,
        _no_rise(facts),
    )  # fmt: skip


def _no_rise(facts: Facts) -> str:
    if facts.scored:
        return gettext("No risk rose.")
    if not facts.uncovered.judged:
        return gettext("Nothing to judge yet: no community has a score.")
    return gettext("No scores were kept for these days.")


def _threats(facts: Facts) -> dict:
    def row(entry) -> list[dict]:
        threat, required, gaps = entry
        level = threat.level
        return [
            _cell(clip(threat, "title"), clip(threat.admin_area or "", "place")),
            _cell(threat.risk if level else "–", level.label if level else gettext("not assessed"),
                  level or ""),
            _cell(threat.get_phase_display()),
            _cell(gettext("%(gaps)d of %(required)d") % {"gaps": gaps, "required": required}),
        ]  # fmt: skip

    changed = facts.decisions
    note = ""
    if changed.rows:
        total = len(changed.rows) + changed.cut
        note = ngettext(
            "%(n)s decision on status or phase this week",
            "%(n)s decisions on status or phase this week",
            total,
        ) % {"n": number(total)}
    return _section(
        "threats", gettext("Active threats"), note,
        [gettext("Threat"), gettext("Risk"), gettext("Phase"), gettext("Gaps")], facts.threats, row,
        gettext("Nothing to judge: no threat is active. Next: accept those proposed, or report one."),
    )  # fmt: skip


def _alerts(facts: Facts) -> dict:
    return _section(
        "alerts", gettext("Alerts"), gettext("received this week, the most urgent first"),
        [gettext("Alert"), gettext("Imminence"), gettext("Answer")], facts.alerts, _alert,
        gettext("No alert was received.")
        if facts.alerts_ever
        else gettext("No alert is on record at this clearance: nothing to judge."),
    )  # fmt: skip


def _alert(alert: Alert) -> list[dict]:
    if alert.responded_at:
        answer = gettext("responded after %(t)s") % {
            "t": duration(alert.responded_at - alert.received_at)
        }
    elif alert.decision == AlertDecision.NO_RESPONSE:
        answer = gettext("decided not to respond")
    elif alert.decision == AlertDecision.RESPOND:
        answer = gettext("response decided")
    elif alert.is_found_false:
        answer = gettext("found false")
    else:
        answer = gettext("no decision yet")
    component = alert.responding_component if alert.responding_component_id else ""
    return [
        _cell(clip(alert, "title"), clip(alert.field_office or "", "place")),
        _cell(alert.imminence_told, "", alert.imminence_shown),
        _cell(answer, clip(component or "", "place")),
    ]


def _gaps(facts: Facts) -> dict:
    def row(gap) -> list[dict]:
        return [
            _cell(clip(gap.threat, "beside"), clip(gap.threat.admin_area or "", "place")),
            _cell(gettext("Tier %(tier)s, %(phase)s")
                  % {"tier": gap.cell.tier, "phase": gap.cell.phase_label}),
            _cell(gettext("unknown") if gap.people is None else number(gap.people)),
        ]  # fmt: skip

    return _section(
        "gaps", gettext("Gaps"), gettext("nothing planned; by urgency of the phase, then risk, then people"),
        [gettext("Threat"), gettext("Missing"), gettext("People")], facts.gaps, row,
        _no_gap(facts),
    )  # fmt: skip


def _no_gap(facts: Facts) -> str:
    required = sum(cell.required for cell in facts.matrix)
    if not required:
        return gettext("Nothing to judge: no active threat calls for any cell.")
    return ngettext(
        "None: the %(n)s required cell has something planned, under way or done.",
        "None: each of the %(n)s required cells has something planned, under way or done.",
        required,
    ) % {"n": number(required)}


def _moves(facts: Facts) -> dict:
    def row(change) -> list[dict]:
        activity = change.activity
        return [
            _cell(clip(activity, "short"), clip(activity.lead_component, "place")),
            _cell(change.get_status_display(), short_day(change.day), change.status),
        ]

    return _section(
        "plans", gettext("Activities planned or moved on"), "",
        [gettext("Activity"), gettext("Status")], facts.moves, row,
        gettext("None this week.")
        if facts.activities_ever
        else gettext("No activity is on record: nothing to judge."),
    )  # fmt: skip


def _overdue(facts: Facts) -> dict:
    def row(activity) -> list[dict]:
        days = (facts.last - activity.due).days
        late = ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)}
        if not days and activity.due_at:
            late = duration(facts.until - activity.due_at)
        return [
            _cell(clip(activity, "short"), clip(activity.lead_component, "place")),
            _cell(late, clip(activity.blockers, "short"), "overdue"),
        ]

    return _section(
        "overdue", gettext("Overdue activities"), "",
        [gettext("Activity"), gettext("Overdue by")], facts.overdue, row,
        gettext("None.")
        if facts.activities_ever
        else gettext("No activity is on record: nothing to judge."),
    )  # fmt: skip


def _matrix(facts: Facts) -> dict:
    before = {(cell.tier, cell.phase): cell for cell in facts.matrix_before}
    is_judged = any(cell.required for cell in facts.matrix)

    def cell(now: MissionCell) -> dict:
        if not now.required:
            return {"share": "", "note": gettext("Not required"), "cover": "blank"}
        lacking = []
        if now.gaps:
            lacking.append(ngettext("%(n)s gap", "%(n)s gaps", now.gaps) % {"n": now.gaps})
        if now.overdue:
            lacking.append(counted(CellState.OVERDUE, now.overdue))
        earlier = before[now.tier, now.phase].covered_share
        change = "" if earlier is None else points((now.covered_share or 0) - earlier)
        return {
            "share": percent(now.covered_share),
            "change": "" if change == "±0" else change,
            "note": " · ".join([*lacking, *now.apart]),
            "cover": now.cover,
        }

    return {
        "phases": [str(label) for label in Phase.labels],
        "rows": [
            {"tier": f"{tier.value} · {Tier(tier).label}", "cells": [cell(c) for c in cells]}
            for tier, cells in as_rows(facts.matrix)
        ]
        if is_judged
        else [],
        "empty": "" if is_judged else _no_gap(facts),
    }
