"""What a page with scores has to say about them."""

from __future__ import annotations

import datetime

from django import template
from django.db.models import Avg, Count, Q
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from threats.choices import EVENT, Watch
from threats.models import Incident, RiskScore, RiskState
from threats.scoring.record import record_for
from threats.sources.formats import FORMATS, label_of

register = template.Library()


@register.inclusion_tag("threats/risk_notice.html", takes_context=True)
def risk_notice(context, mission) -> dict:
    """Lines where the record has ended, and where the scores come from the shipped prior."""
    state = RiskState.objects.filter(mission=mission).select_related("model").first()
    return {
        "mission": mission,
        "is_prior": state is not None and state.model.mission_id is None,
        "record": record_for(mission, context["request"].user),
    }


@register.inclusion_tag("threats/record_notice.html", takes_context=True)
def record_notice(context, mission) -> dict:
    """A line where the record has ended, for pages that show no score of their own."""
    return {"record": record_for(mission, context["request"].user)}


@register.simple_tag
def as_of(day: datetime.date | None, mission) -> str:
    """A mark beside a score of an earlier day than the mission's today; else nothing."""
    if day is None or day >= mission.today:
        return ""
    return format_html(
        '<small class="mark mark-apart">{}</small>',
        gettext("as of %(day)s") % {"day": date_format(day, "SHORT_DATE_FORMAT")},
    )


@register.filter
def watch(band: int | None) -> str:
    """The word of a band, 1 to 5; empty where there is none."""
    return str(Watch(band).label) if band else ""


@register.simple_tag
def risk_event() -> str:
    """What a score is the probability of."""
    return str(EVENT)


@register.simple_tag(takes_context=True)
def standing(context, score: RiskScore) -> str:
    """Where a score stands among those the reader may see: times the usual expected number, and
    its rank."""
    seen = RiskScore.objects.visible_to(context["request"].user)
    among = seen.filter(mission=score.mission_id, horizon=score.horizon).aggregate(
        usual=Avg("expected"), all=Count("pk"),
        above=Count("pk", filter=Q(expected__gt=score.expected)),
    )  # fmt: skip
    words = gettext("rank %(rank)s of %(all)s") % {
        "rank": number_format(among["above"] + 1), "all": number_format(among["all"]),
    }  # fmt: skip
    if not among["usual"]:
        return words
    times = number_format(round(score.expected / among["usual"], 1), 1)
    return gettext("%(times)s times the usual rate") % {"times": times} + " · " + words


@register.simple_tag(takes_context=True)
def learnt_from(context, mission) -> str:
    """The sources that a mission's scores are made from, as the reader may see them."""
    found = set(
        Incident.objects.visible_to(context["request"].user)
        .counted()
        .filter(mission=mission, against_civilians=True)
        .order_by()
        .values_list("dataset", flat=True)
        .distinct()
    )
    names = sorted(label_of(dataset) for dataset in found & FORMATS.keys())
    if found - FORMATS.keys():  # what a mapping is called is its mission's business
        names.append(gettext("the mission’s own reports"))
    if not names:
        return gettext("No source has told of an attack yet.")
    return ngettext("Source: %(names)s.", "Sources: %(names)s.", len(names)) % {
        "names": ", ".join(names)
    }
