import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from missions.choices import ComponentKind
from poc_portal.web.clock import as_clock
from records.organisation.tables import by_name
from strategies.choices import Caution, CellState, Lack
from strategies.models import Activity, Brief, CatalogueActivity, Meeting, Strategy
from threats.choices import ActorFamily, ThreatKind
from threats.tables import DATE


class GapColumn(tables.Column):
    """Whether a place is uncovered; a dash where it is not, or has no score."""

    def render(self, value, record):
        if not value:
            return "–"
        lack = Lack.ACTIVITY if record.active_threats else Lack.THREAT
        return format_html(
            '<span class="state state-gap" title="{}">{}</span>', lack.label, _("Gap")
        )

    def value(self, value):
        return value


class ActivityTable(tables.Table):
    chosen = tables.TemplateColumn(
        template_code='<input type="checkbox" name="chosen" value="{{ record.pk }}" form="bulk" '
        'aria-label="{{ record }}">',
        verbose_name="", orderable=False, exclude_from_export=True,
    )  # fmt: skip
    title = tables.Column(
        verbose_name=_("Title"), accessor="shown_title", order_by="title", linkify=True
    )
    lead_component = tables.Column(order_by="lead_component__name")
    status = tables.Column()
    due = tables.DateColumn(format="SHORT_DATE_FORMAT", attrs=DATE)
    start = tables.DateColumn(format="SHORT_DATE_FORMAT", attrs=DATE)

    class Meta:
        model = Activity
        fields = ("chosen", "title", "status", "due", "start", "lead_component", "tier", "phase")
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
    perpetrators = tables.Column(orderable=False, empty_values=())
    cautions = tables.Column(orderable=False)

    class Meta:
        model = CatalogueActivity
        fields = (
            "tier", "phase", "title", "components", "threat_kinds", "perpetrators", "cautions",
        )  # fmt: skip

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

    def render_perpetrators(self, value):
        return ", ".join(str(ActorFamily(one).label) for one in value) or _("any")

    def value_perpetrators(self, value):
        return ";".join(value)

    def render_cautions(self, value):
        return ", ".join(str(Caution(one).label) for one in value)

    def value_cautions(self, value):
        return ";".join(value)


class BriefTable(tables.Table):
    week = tables.Column(linkify=True)
    field_office = tables.Column(order_by="field_office__name", empty_values=())
    issued_at = tables.Column(empty_values=())
    issued_by = tables.Column(order_by=by_name("issued_by"))

    class Meta:
        model = Brief
        fields = ("week", "field_office", "classification", "edition", "issued_at", "issued_by")
        order_by = "-week"

    def render_week(self, record):
        return record.period

    def value_week(self, record):
        return record.week

    def render_field_office(self, value):
        return value or _("Whole mission")

    def render_issued_at(self, value):
        if value is None:
            return format_html('<span class="mark mark-1">{}</span>', _("Draft"))
        return as_clock(value)

    def value_issued_at(self, value):
        return value.isoformat() if value else ""


class StrategyTable(tables.Table):
    title = tables.Column(linkify=True)
    start = tables.DateColumn(format="SHORT_DATE_FORMAT", attrs=DATE)
    end = tables.DateColumn(format="SHORT_DATE_FORMAT", attrs=DATE)
    endorsed_by = tables.Column(order_by=by_name("endorsed_by"))
    approved_by = tables.Column(order_by=by_name("approved_by"))

    class Meta:
        model = Strategy
        fields = ("title", "version", "status", "start", "end", "endorsed_by", "approved_by")
        order_by = "-start"

    def render_title(self, value, record):
        return record.as_told(value)

    def render_status(self, record):
        return format_html(
            '<span class="mark{}">{}</span>',
            " mark-1" if record.is_open else "", record.get_status_display(),
        )  # fmt: skip

    def value_status(self, record):
        return record.status


class MeetingTable(tables.Table):
    title = tables.Column(
        verbose_name=_("Title"), accessor="shown_title", order_by="title", linkify=True
    )
    day = tables.DateColumn(format="SHORT_DATE_FORMAT", attrs=DATE)

    class Meta:
        model = Meeting
        fields = ("title", "day", "classification")
        order_by = "-day"
