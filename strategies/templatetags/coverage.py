"""The matrix on pages of a lower floor."""

from django import template

from records.services import version_of
from strategies.coverage.cells import as_rows
from strategies.coverage.threat import matrices
from strategies.models import Activity
from strategies.reading.catalogue import suggestions
from threats.choices import Phase

register = template.Library()
SUGGESTED = 5  # in a cell


register.filter("version", version_of)  # mark of a record's state, for a form's hidden field


@register.inclusion_tag("strategies/threat_matrix.html", takes_context=True)
def threat_matrix(context, threat):
    user = context["request"].user
    cells = matrices(threat.mission, user, [threat])[threat.pk]
    if context.get("may_plan"):
        fitting = suggestions(threat.mission, user, threat)
        for cell in cells:
            cell.suggestions = fitting.get((cell.tier, cell.phase), [])[:SUGGESTED]
    return {
        "rows": as_rows(cells),
        "phases": Phase,
        "threat": threat,
        "mission": threat.mission,
        "may_plan": context.get("may_plan"),
    }


@register.simple_tag(takes_context=True)
def activities_for(context, community):
    """Activities for a community, the live ones first."""
    user = context["request"].user
    return (
        Activity.objects.visible_to(user)
        .filter(communities=community)
        .select_related("mission", "lead_component")
        .with_overdue(community.mission.today)
        .order_by("completed_on", "due", "pk")[:15]
    )
