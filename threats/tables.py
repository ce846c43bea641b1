"""Tables of the threats floor; their columns are also those of the CSV."""

import django_tables2 as tables
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from missions.access import only_visible
from poc_portal.templatetags.portal import badge
from threats.choices import CommunityKind, RiskLevel, Trend, Watch
from threats.models import Alert, ArmedActor, Community, Incident, Threat
from threats.presence.reach import Help
from threats.rules.harm import known_deaths
from threats.rules.source_kinds import told_kind

DATE = {"td": {"class": "date"}}  # stays on one line


class BandColumn(tables.Column):
    """The model's band 1–5 as number and word on its colour."""

    def render(self, value):
        return format_html(
            '<span class="band band-{}">{}</span>', value, f"{value} · {Watch(value).label}"
        )

    def value(self, value):
        return value


class ShareColumn(tables.TemplateColumn):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault("attrs", {"td": {"class": "number"}, "th": {"class": "number"}})
        super().__init__(
            *args,
            template_code=(
                "{% load risk %}{{ value|percent:1 }} <small>{{ value|one_in }}</small> "
                "{% as_of record.scored_for record.mission %}"
            ),
            **kwargs,
        )

    def value(self, value):
        return value


class NumberColumn(tables.Column):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault("attrs", {"td": {"class": "number"}, "th": {"class": "number"}})
        super().__init__(*args, **kwargs)

    def render(self, value):
        return intcomma(value)

    def value(self, value):
        return value


class VisibleColumn(tables.ManyToManyColumn):
    """Related records, only those the reader may see."""

    def __init__(self, *args, attribute: str = "", **kwargs):
        super().__init__(*args, orderable=False, **kwargs)
        self.attribute = attribute

    def value(self, value, table):
        records = [getattr(row, self.attribute) if self.attribute else row for row in value.all()]
        return ", ".join(str(record) for record in only_visible(table.request.user, records))

    def render(self, value, table):
        return self.value(value, table) or "–"


class CommunityTable(tables.Table):
    """Communities. What the page folds into the name stands apart in files."""

    name = tables.Column(order_by="sort_name")
    kind = tables.Column(visible=False)
    admin_area = tables.Column(order_by="admin_area__name", visible=False)
    field_office = tables.Column(order_by="field_office__name")
    population = NumberColumn(default=_("unknown"))
    probability = ShareColumn(verbose_name=_("Probability in 30 days"))
    band = BandColumn(verbose_name=_("Watch band"))
    change = tables.TemplateColumn(
        template_code="{{ value|points }}",
        verbose_name=_("Change in a week, points"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    reach = tables.Column(
        verbose_name=_("Help, hours"), orderable=False, empty_values=(),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )  # fmt: skip

    class Meta:
        model = Community
        fields = ("name", "kind", "admin_area", "field_office", "population")
        sequence = ("name", "band", "probability", "change", "...")
        order_by = "-probability"

    def __init__(self, *args, help_: Help, **kwargs):
        self.help = help_
        super().__init__(*args, **kwargs)

    def render_reach(self, record):
        """Hours from the nearest base, marked where help comes too late."""
        reach = self.help.reach(record.longitude, record.latitude)
        if reach is None:
            return "–"
        as_the_crow_flies = _("straight line, no route is known")
        return format_html(
            '<span class="{}" title="{}">{}</span>',
            "" if reach.in_time else "mark mark-apart",
            f"{reach.base}, {reach.km:.0f} km; {as_the_crow_flies}", number_format(round(reach.hours, 1), 1),
        )  # fmt: skip

    def value_reach(self, record):
        reach = self.help.reach(record.longitude, record.latitude)
        return None if reach is None else round(reach.hours, 2)

    def render_name(self, value, record):
        about = [str(record.admin_area or "")]
        if record.kind != CommunityKind.UNKNOWN:
            about.insert(0, record.get_kind_display())
        return format_html(
            '<a href="{}">{}</a>{} <small>{}</small>',
            record.get_absolute_url(), value,
            format_html(' <span class="mark">{}</span>', _("silent")) if record.is_silent else "",
            " · ".join(filter(None, about)),
        )  # fmt: skip

    def value_name(self, value):
        return value

    def value_change(self, value):
        return value


class ActorTable(tables.Table):
    name = tables.Column(linkify=True, order_by="sort_name")
    kind = tables.Column()
    review = tables.Column(verbose_name=_("To decide"))
    aliases = tables.Column(orderable=False)

    class Meta:
        model = ArmedActor
        fields = ("name", "kind", "review", "aliases")
        order_by = "name"

    def render_review(self, value, record):
        """Only who is under review is said to be."""
        return value if record.review else ""

    def value_review(self, value, record):
        return self.render_review(value, record)

    def render_aliases(self, value):
        return ", ".join(value)

    def value_aliases(self, value):
        return ";".join(value)


class IncidentTable(tables.Table):
    start_date = tables.DateColumn(verbose_name=_("Date"), linkify=True, format="SHORT_DATE_FORMAT")
    kind = tables.Column()
    against_civilians = tables.BooleanColumn(verbose_name=_("Against civilians"), yesno="●,–")
    parts = VisibleColumn(attribute="actor", verbose_name=_("Armed actors"))
    deaths_best = NumberColumn(
        accessor="known_deaths", verbose_name=_("Deaths"), default=_("unknown")
    )
    admin_area = tables.Column(order_by="admin_area__name")

    class Meta:
        model = Incident
        fields = (
            "start_date", "place_name", "kind", "against_civilians", "parts", "deaths_best",
            "admin_area", "dataset",
        )  # fmt: skip
        order_by = "-start_date"

    def order_deaths_best(self, queryset, is_descending):
        deaths = known_deaths()
        order = deaths.desc(nulls_last=True) if is_descending else deaths.asc(nulls_first=True)
        return queryset.order_by(order, "pk"), True

    def render_start_date(self, record):
        return record.when_short

    def value_start_date(self, value):
        return value

    def value_against_civilians(self, value):
        return bool(value)


class ThreatTable(tables.Table):
    """The register. What its page folds into the title, the risk and the phase stands apart in files."""

    title = tables.Column(
        verbose_name=_("Title"),
        accessor="shown_title",
        order_by="title",
        attrs={"td": {"class": "long"}},
    )
    risk = tables.Column(verbose_name=_("Risk"))
    likelihood = NumberColumn(verbose_name=_("Likelihood"), visible=False)
    evidence_likelihood = NumberColumn(verbose_name=_("By evidence"))
    impact = NumberColumn(verbose_name=_("Impact"), visible=False)
    trend = tables.Column(visible=False)
    admin_area = tables.Column(order_by="admin_area__name", visible=False)
    perpetrators = VisibleColumn(visible=False)
    kind = tables.Column(visible=False)

    class Meta:
        model = Threat
        fields = (
            "title", "status", "risk", "likelihood", "evidence_likelihood", "impact", "phase", "trend", "perpetrators",
            "admin_area", "kind",
        )  # fmt: skip
        order_by: tuple = ()

    def render_title(self, value, record):
        by = only_visible(self.request.user, record.perpetrators.all())
        about = [record.get_kind_display(), str(record.admin_area or ""), *map(str, by)]
        return format_html(
            '<a href="{}">{}</a><br><small>{}</small>',
            record.get_absolute_url(), value, " · ".join(filter(None, about)),
        )  # fmt: skip

    def value_title(self, value):
        return value

    def render_risk(self, record):
        level = record.level
        words = _("likelihood %(likelihood)s × impact %(impact)s") % {
            "likelihood": record.likelihood, "impact": record.impact,
        }  # fmt: skip
        return format_html(
            '<span class="level level-{}" title="{}">{}</span>',
            level, words, f"{record.risk} · {RiskLevel(level).label}",
        )  # fmt: skip

    def render_phase(self, value, record):
        if record.trend == Trend.UNKNOWN:
            return value
        return format_html("{} <small>{}</small>", value, record.get_trend_display())

    def value_phase(self, value):
        return value

    def render_evidence_likelihood(self, value, record):
        if not record.disagrees:
            return value
        return format_html(
            '<span class="mark mark-apart" title="{}">{} ≠ {}</span>',
            _("People and evidence are two steps or more apart."), record.likelihood, value,
        )  # fmt: skip

    def value_evidence_likelihood(self, value):
        return value

    def value_risk(self, record):
        return record.risk


class AlertTable(tables.Table):
    kind = tables.Column(verbose_name=_("Alert"), order_by=("kind",))
    imminence = tables.Column()
    stage = tables.Column()
    waiting = tables.Column(
        verbose_name=_("Waiting"), accessor="received_at", order_by=("received_at",)
    )
    received_at = tables.DateTimeColumn(format="SHORT_DATETIME_FORMAT")
    field_office = tables.Column(order_by="field_office__name")
    responding_component = tables.Column(order_by="responding_component__name")
    source_kind = tables.Column(
        verbose_name=_("Source"), accessor="told_source", order_by=("told_source",)
    )

    class Meta:
        model = Alert
        fields = (
            "kind", "imminence", "stage", "waiting", "received_at", "field_office",
            "responding_component", "source_kind", "verification",
        )  # fmt: skip
        order_by: tuple = ()

    def render_kind(self, record):
        return format_html(
            '<a href="{}">{}</a>{}', record.get_absolute_url(), str(record),
            format_html(' <span class="mark">{}</span>', _("Demonstration"))
            if record.is_demonstration else "",
        )  # fmt: skip

    def value_kind(self, record):
        return record.kind

    def render_source_kind(self, record):
        return told_kind(record.told_source, is_exact=record.is_source_exact)

    def render_imminence(self, record):
        return badge("imminence", record.imminence_shown, record.imminence_told)

    def value_imminence(self, record):
        return record.imminence

    def render_waiting(self, record):
        """What the clock runs to: the decision, then the response."""
        label, since, until = record.clock
        if until is not None:
            return format_html("{} <small>{}</small>", timesince(since, until), label)
        return format_html(
            '<b class="clock">{}</b> <small>{}</small>', timesince(since, record.mission.now), label
        )

    def value_waiting(self, record):
        _label, since, until = record.clock
        return round(((until or record.mission.now) - since).total_seconds() / 60)
