"""What happened on an unknown day weighs spread over its days: stored sums are made anew."""

from django.db import migrations, models
from django.db.models import F


def fill_first(apps, schema_editor):
    apps.get_model("threats", "EvidenceChange").objects.filter(first=None).update(first=F("day"))


def ask_for_scores(apps, schema_editor):
    requests = apps.get_model("threats", "RecomputeRequest").objects
    missions = apps.get_model("threats", "RiskState").objects.values_list("mission", flat=True)
    for mission in missions:
        for scope in ("whole", "history"):
            requests.create(mission_id=mission, scope=scope)


class Migration(migrations.Migration):
    dependencies = [("threats", "0012_alert_clocks_data")]

    operations = [
        migrations.RunPython(fill_first, migrations.RunPython.noop),
        migrations.AlterField("evidencechange", "first", models.IntegerField()),
        migrations.RemoveField("evidencechange", "last"),
        migrations.RunPython(ask_for_scores, migrations.RunPython.noop),
    ]
