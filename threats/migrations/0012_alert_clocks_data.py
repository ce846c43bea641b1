"""Steps recorded so far happened when they were recorded; where a mission replays a past day, alerts
move to that day, at the time of day at which they were received."""

import datetime
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import F

MOMENTS = (
    "received_at", "acknowledged_at", "verified_at", "decided_at", "responded_at",
    "reported_back_at", "closed_at",
)  # fmt: skip


def set_clocks(apps, schema_editor):
    Alert, AlertStep = (apps.get_model("threats", name) for name in ("Alert", "AlertStep"))
    AlertStep.objects.update(recorded_at=F("taken_at"))
    Alert.objects.filter(stage="closed").update(outcome="unknown")
    replayed = Alert.objects.filter(mission__reference_date__isnull=False)
    for alert in replayed.select_related("mission").iterator():
        received = alert.received_at.astimezone(ZoneInfo(alert.mission.time_zone))
        there = datetime.datetime.combine(alert.mission_day, received.timetz())
        earlier = there - alert.received_at
        for name in MOMENTS:
            moment = getattr(alert, name)
            if moment is not None:
                setattr(alert, name, moment + earlier)
        alert.save(update_fields=MOMENTS)
        AlertStep.objects.filter(alert=alert).update(taken_at=F("taken_at") + earlier)


class Migration(migrations.Migration):
    dependencies = [("threats", "0011_alert_clocks"), ("missions", "0003_heads_and_joint")]

    operations = [migrations.RunPython(set_clocks, migrations.RunPython.noop)]
