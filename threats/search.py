"""What of the threats floor can be searched."""

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from records.search import Source
from threats.models import Alert, ArmedActor, Community, Incident, Threat


def _place(record) -> str:
    return str(record.admin_area or "")


def _stage(alert: Alert) -> str:
    """How far it has come, and when it was received by the mission's clocks."""
    day = date_format(alert.mission.local(alert.received_at), "SHORT_DATE_FORMAT")
    return f"{alert.get_stage_display()} · {day}"


sources = [
    Source(
        "communities", _("Communities"), Community.objects.select_related("mission", "admin_area"), ("name",),
        lambda record: f"{record.get_kind_display()} · {_place(record)}".strip(" ·"),
    ),
    Source(
        "threats", _("Threats"), Threat.objects.select_related("mission", "admin_area"),
        ("title", "description"),
        lambda record: f"{record.get_status_display()} · {record.get_phase_display()}",
    ),
    Source(
        "armed-actors", _("Armed actors"), ArmedActor.objects.select_related("mission"), ("name",),
        lambda record: record.get_kind_display(),
    ),
    Source(
        "alerts", _("Alerts"), Alert.objects.select_related("mission", "admin_area"),
        ("place_name", "details"),
        _stage,
        order=("-received_at", "-pk"),
    ),
    Source(
        "incidents", _("Incidents"), Incident.objects.select_related("mission", "admin_area"),
        ("place_name", "notes"),
        _place,
        order=("-start_date", "-pk"),
    ),
]  # fmt: skip
