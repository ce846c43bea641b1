"""Where to find what endangers whom."""

from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, MapLayer, NameList

SECONDARY = "button secondary"

menu = [
    Link(_("Threats"), "threat-list", 20, "threats", "status=active"),
    Link(_("Alerts"), "alert-list", 30, "alerts", "open=true"),
    Link(_("Communities"), "community-list", 40, "communities"),
    Link(_("Incidents"), "incident-list", 50, "incidents"),
    Link(_("File a report"), "incident-report", 90, "report", needs=("may_report",), style="call"),
]
actions = [
    Link(_("How good are these scores?"), "score-quality", 10, "communities", style=SECONDARY),
    Link(_("Likely the same event"), "incident-pairs", 10, "incidents", style=SECONDARY),
    Link(
        _("Report a threat"), "threat-report", 30, "threats", needs=("may_report",), style="button"
    ),
    Link(
        _("Report an incident"), "incident-report", 30, "incidents", needs=("may_report",),
        style="button",
    ),
    Link(
        _("Add a community"), "community-add", 30, "communities", needs=("may_analyse",),
        style="button",
    ),
    Link(_("Armed actors"), "actor-list", 20, "threats", style=SECONDARY),
    Link(_("Armed actors"), "actor-list", 20, "incidents", style=SECONDARY),
    Link(
        _("Names to decide on"), "actor-list", 10, "actors", "under_review=true",
        style=SECONDARY,
    ),
    Link(
        _("Peoples and faiths"), "peoples", 20, "actors", needs=("may_set_rules",),
        style=SECONDARY,
    ),
    Link(
        _("Add an armed actor"), "actor-add", 30, "actors", needs=("may_report",), style="button"
    ),
    Link(_("Scheduled pulls"), "pulls", 10, "intakes", style=SECONDARY),
    Link(_("Own presence"), "presence", 40, "components", style=SECONDARY),
]  # fmt: skip
name_lists = [
    NameList("suggest-places", "suggest", ("places",)),
    NameList("suggest-actors", "suggest", ("actors",)),
]
map_layers = [
    MapLayer(
        "base", _("Bases"), _("Base"), "bases", ("name",), "present_on={mission.today}",
        sign="▲", rise=12, order=20,
    ),
]  # fmt: skip
