"""What every mission's pages offer, whatever is kept in it."""

from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, Part

bar = [Part("records/bar/search.html", 10)]
foot = [Link(_("About and data credits"), "about", 10, of_mission=False)]
