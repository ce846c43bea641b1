"""An alert counts on the day it was received, not on that of its typing."""

from django.db import migrations, models

BY_RECEPTION = """
    UPDATE threats_alert AS alert SET mission_day = found.day
    FROM (
        SELECT a.id, least(
            (a.received_at AT TIME ZONE m.time_zone)::date,
            coalesce(m.reference_date, (now() AT TIME ZONE m.time_zone)::date)
        ) AS day
        FROM threats_alert AS a JOIN missions_mission AS m ON m.id = a.mission_id
    ) AS found
    WHERE found.id = alert.id AND alert.mission_day <> found.day
    RETURNING alert.mission_id
"""


def count_by_reception(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(BY_RECEPTION)
        moved = {mission for (mission,) in cursor.fetchall()}
    scored = apps.get_model("threats", "RiskState").objects.filter(mission__in=moved)
    requests = apps.get_model("threats", "RecomputeRequest").objects
    for mission in scored.values_list("mission", flat=True):
        for scope in ("whole", "history"):
            requests.create(mission_id=mission, scope=scope)


class Migration(migrations.Migration):
    dependencies = [("threats", "0014_source_kinds")]

    operations = [
        migrations.AlterField(
            "alert", "mission_day",
            models.DateField(editable=False, verbose_name="day it was received"),
        ),
        migrations.RunPython(count_by_reception, migrations.RunPython.noop),
    ]  # fmt: skip
