import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from missions.choices import ComponentKind
from strategies.choices import CellState
from strategies.models import Activity, CatalogueActivity
from threats.choices import ThreatKind


class ActivityTable(tables.Table):
    title = tables.Column(linkify=True)
    lead_component = tables.Column(order_by="lead_component__name")
    status = tables.Column()
    due = tables.DateColumn(format="j M Y")
    start = tables.DateColumn(format="j M Y")

    class Meta:
        model = Activity
        fields = ("title", "status", "due", "start", "lead_component", "tier", "phase")
        order_by = "due"

    def render_tier(self, record):
        return record.tier

    def render_status(self, record):
        state = CellState.OVERDUE if record.is_overdue else record.status
        label = _("Overdue") if record.is_overdue else record.get_status_display()
        return format_html('<span class="state state-{}">{}</span>', state, label)

    def value_status(self, record):
        return record.status


class CatalogueTable(tables.Table):
    title = tables.Column(verbose_name=_("Typical activity"), orderable=False)
    components = tables.Column(orderable=False)
    threat_kinds = tables.Column(orderable=False, empty_values=())

    class Meta:
        model = CatalogueActivity
        fields = ("tier", "phase", "title", "components", "threat_kinds")

    def render_tier(self, record):
        return record.tier

    def render_components(self, value):
        return ", ".join(str(ComponentKind(kind).label) for kind in value)

    def value_components(self, value):
        return ";".join(value)

    def render_threat_kinds(self, value):
        return ", ".join(str(ThreatKind(kind).label) for kind in value) or _("any")

    def value_threat_kinds(self, value):
        return ";".join(value)
