import django_tables2 as tables
from django import forms
from django.utils.translation import gettext_lazy as _

from records.forms import RecordForm, date_input
from records.pages import FormPage, ListPage, RecordPage
from records.services import create_record
from tests.plugin.hazards.api import HazardFilterSet
from tests.plugin.hazards.models import Hazard, HazardKind
from threats.models import Community


class HazardTable(tables.Table):
    name = tables.Column(linkify=True)
    community = tables.Column(order_by="community__sort_name")

    class Meta:
        model = Hazard
        fields = ("name", "kind", "community", "found_on", "cleared_on")
        order_by = "-found_on"


class HazardForm(RecordForm):
    name = forms.CharField(label=_("Place"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=HazardKind.choices)
    community = forms.ModelChoiceField(
        Community.objects.none(), label=_("Community"), required=False
    )
    longitude = forms.FloatField(label=_("Longitude"))
    latitude = forms.FloatField(label=_("Latitude"))
    found_on = forms.DateField(label=_("Found on"), widget=date_input())
    sections = (
        (_("What"), ("name", "kind", "found_on", "classification")),
        (_("Where"), ("community", "longitude", "latitude")),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        communities = Community.objects.visible_to(self.user).filter(mission=self.mission)
        self.choosable("community").queryset = communities


class HazardList(ListPage):
    queryset = Hazard.objects.select_related("mission", "community")
    filterset_class = HazardFilterSet
    table_class = HazardTable
    section = "hazards"
    resource = "hazards"
    title = _("Explosive hazards")


class HazardPage(RecordPage):
    queryset = Hazard.objects.select_related("mission", "community")
    template_name = "hazards/hazard.html"
    section = "hazards"


class HazardReport(FormPage):
    form_class = HazardForm
    model = Hazard
    section = "hazards"
    title = _("Report a hazard")
    saved = _("The hazard is reported.")

    @staticmethod
    def service(**values) -> Hazard:
        return create_record(Hazard, **values)
