"""What of the threats floor can be searched."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from records.search import Source
from threats.models import Alert, ArmedActor, Community, Incident, Threat


def _place(record) -> str:
    return str(record.admin_area or "")


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
        lambda record: f"{reverse('incident-list', args=[record.mission.code])}?actor={record.pk}",
    ),
    Source(
        "alerts", _("Alerts"), Alert.objects.select_related("mission", "admin_area"),
        ("place_name", "details"),
        lambda record: f"{record.get_stage_display()} · {record.received_at:%Y-%m-%d}",
        order=("-received_at", "-pk"),
    ),
    Source(
        "incidents", _("Incidents"), Incident.objects.select_related("mission", "admin_area"),
        ("place_name", "notes"),
        _place,
        order=("-start_date", "-pk"),
    ),
]  # fmt: skip
