from django.db import migrations


def tell_until_when_datasets_speak(apps, schema_editor) -> None:
    """From what they brought so far; UCDP's files are of whole months. Scores follow."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            """
            WITH brought AS (
                SELECT i.mission_id, i.dataset, i.classification, i.start_date, i.end_date,
                    coalesce(m.reference_date, current_date) AS today
                FROM threats_incident i JOIN missions_mission m ON m.id = i.mission_id
                WHERE i.dataset IN ('ucdp', 'acled')),
            told AS (
                SELECT mission_id, dataset, min(classification) AS classification,
                    min(start_date) AS since, max(end_date) AS until, max(today) AS today
                FROM brought GROUP BY mission_id, dataset)
            INSERT INTO threats_recordspan (mission_id, dataset, since, until, classification)
            SELECT mission_id, dataset,
                CASE dataset WHEN 'ucdp' THEN date_trunc('month', since)::date ELSE since END,
                CASE dataset WHEN 'ucdp' THEN greatest(until, least(today,
                    (date_trunc('month', until) + interval '1 month - 1 day')::date))
                    ELSE until END,
                classification
            FROM told
            """
        )
        cursor.execute(
            """
            INSERT INTO threats_recomputerequest (mission_id, scope, created_at)
            SELECT mission_id, scope, now()
            FROM threats_riskstate, (VALUES ('whole'), ('history')) AS scopes (scope)
            """
        )


class Migration(migrations.Migration):
    dependencies = [("threats", "0008_record_spans")]
    operations = [
        migrations.RunPython(tell_until_when_datasets_speak, migrations.RunPython.noop)
    ]
