"""Its pages, and the ways to them."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from poc_portal.declarations.navigation import Link, MapLayer
from tests.plugin.hazards import views

urlpatterns = [
    path("<str:code>/hazards/", views.HazardList.as_view(), name="hazard-list"),
    path("<str:code>/hazards/report/", views.HazardReport.as_view(), name="hazard-report"),
    path("<str:code>/hazards/<int:pk>/", views.HazardPage.as_view(), name="hazard-detail"),
]
menu = [Link(_("Hazards"), "hazard-list", 55, "hazards")]
actions = [
    Link(
        _("Report a hazard"), "hazard-report", 30, "hazards", needs=("may_report",), style="button"
    ),
]
map_layers = [
    MapLayer(
        "hazard", _("Hazards"), _("Hazard"), "hazards", ("name", "found_on"), page="hazard-detail",
        sign="!", order=40,
    ),
]  # fmt: skip
