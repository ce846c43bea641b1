"""Where to find what comes in and leaves."""

from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, Part

bar = [
    Part("exchange/bar/bell.html", 20),
    Part("exchange/bar/account.html", 40),
]
foot = [
    Link(_("Sheets and forms"), "intakes", 20, needs=("may_bring_in",)),
    Link(_("Programs of members"), "programs", 16, needs=("may_administer",)),
    Link(_("Access tokens"), "tokens", 40, needs=("is_signed_in",), of_mission=False),
]
actions = [
    Link(
        _("From a sheet"), "intake-add", 20, query="resource={resource}",
        needs=("resource", "may_bring_in"), style="button secondary",
    ),
]  # fmt: skip
