"""What every mission's pages offer, whatever is kept in it."""

from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, MapLayer, Part

bar = [Part("records/bar/search.html", 10)]
banners = [Part("records/reading_as.html", 10)]
foot = [
    Link(_("About and data credits"), "about", 10, of_mission=False),
    Link(_("Read as …"), "read-as", 14, needs=("may_read_as",)),
    Link(_("Records of one identifier"), "namesakes", 17, needs=("may_analyse",)),
    Link(_("Members"), "members", 15, needs=("may_administer",)),
]
map_layers = [
    MapLayer(
        "office", _("Field offices"), _("Field office"), "field-offices", ("name",),
        size=11, order=10,
    ),
]  # fmt: skip
