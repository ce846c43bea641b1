"""A day typed of a month, week or year stands for all of it, and its evidence is as old as its end."""

from django.db import migrations

# None of it after the mission's today, nor after it was recorded: nobody files what is to come.
SPREAD = """
    UPDATE threats_incident AS incident SET
        start_date = found.since,
        end_date = greatest(incident.end_date, least(found.until, found.today))
    FROM (
        SELECT i.id, date_trunc(unit.name, i.start_date::timestamp)::date AS since,
            (date_trunc(unit.name, i.start_date::timestamp) + unit.length - interval '1 day')::date
                AS until,
            coalesce(m.reference_date, (i.created_at AT TIME ZONE m.time_zone)::date) AS today
        FROM threats_incident AS i
        JOIN missions_mission AS m ON m.id = i.mission_id
        JOIN (VALUES ('week', 'week', interval '1 week'), ('month', 'month', interval '1 month'),
            ('longer', 'year', interval '1 year')) AS unit (precision, name, length)
            ON unit.precision = i.date_precision
        WHERE i.start_date = i.end_date
    ) AS found
    WHERE found.id = incident.id
    RETURNING incident.mission_id
"""


def spread_typed_days(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SPREAD)
        changed = {mission for (mission,) in cursor.fetchall()}
    scored = apps.get_model("threats", "RiskState").objects.filter(mission__in=changed)
    requests = apps.get_model("threats", "RecomputeRequest").objects
    for mission in scored.values_list("mission", flat=True):
        for scope in ("whole", "history"):
            requests.create(mission_id=mission, scope=scope)


class Migration(migrations.Migration):
    dependencies = [("threats", "0017_alert_days")]

    operations = [migrations.RunPython(spread_typed_days, migrations.RunPython.noop)]
