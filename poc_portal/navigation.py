"""What the frame itself offers."""

from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, Part

bar = [Part("portal/bar/language.html", 30)]
foot = [
    Link(_("API"), "api-explorer", 30, of_mission=False),
    Link(_("Administration"), "admin:index", 50, needs=("is_staff",), of_mission=False),
]
