"""Where to find what the mission does about it."""

from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, MapLayer

SECONDARY = "button secondary"

menu = [
    Link(_("Overview"), "mission-detail", 10, "overview"),
    Link(_("Activities"), "activity-list", 60, "activities", "live=true"),
    Link(_("Components"), "component-list", 70, "components"),
    Link(_("Briefs"), "brief-list", 80, "briefs"),
]
actions = [
    Link(_("Strategies"), "strategy-list", 50, "activities", style=SECONDARY),
    Link(_("Meetings"), "meeting-list", 50, "activities", style=SECONDARY),
    Link(_("Catalogue"), "catalogue", 50, "activities", style=SECONDARY),
    Link(_("Coverage and gaps"), "coverage", 50, "activities", style=SECONDARY),
    Link(
        _("Plan an activity"), "activity-add", 60, "activities", needs=("may_plan",), style="button"
    ),
]
map_layers = [
    MapLayer(
        "activity", _("Activities at a place"), _("Activity at a place"), "activities",
        ("title", "due"), "placed=true&live=true", "activity-detail", "✚", order=30,
    ),
]  # fmt: skip
