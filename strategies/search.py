"""What of the strategies floor can be searched."""

from django.utils.translation import gettext_lazy as _

from records.search import Source
from strategies.models import Activity, Strategy

sources = [
    Source(
        "activities", _("Activities"), Activity.objects.select_related("mission", "lead_component"),
        ("title", "description"),
        lambda record: f"{record.get_status_display()} · {record.lead_component}",
    ),
    Source(
        "strategies", _("Strategies"), Strategy.objects.select_related("mission"), ("title", "summary"),
        lambda record: record.get_status_display(),
    ),
]  # fmt: skip
