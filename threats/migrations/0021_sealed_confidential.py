"""What names an informant, sealed, is at least confidential: filed before that was the rule, it may
have been open to readers who could guess who told."""

from django.db import migrations

CONFIDENTIAL = 1
REPORTS = """
    UPDATE threats_incident SET classification = %(level)s
    WHERE classification < %(level)s AND id IN (
        SELECT incident_id FROM threats_incidentsource WHERE informant_id IS NOT NULL
    )
    RETURNING mission_id
"""
ALERTS = """
    UPDATE threats_alert SET classification = %(level)s
    WHERE classification < %(level)s AND informant_id IS NOT NULL
    RETURNING mission_id
"""


def raise_sealed(apps, schema_editor):
    changed = set()
    with schema_editor.connection.cursor() as cursor:
        for statement in (REPORTS, ALERTS):
            cursor.execute(statement, {"level": CONFIDENTIAL})
            changed |= {mission for (mission,) in cursor.fetchall()}
    scored = apps.get_model("threats", "RiskState").objects.filter(mission__in=changed)
    requests = apps.get_model("threats", "RecomputeRequest").objects
    for mission in scored.values_list("mission", flat=True):
        for scope in ("whole", "history"):
            requests.create(mission_id=mission, scope=scope)


class Migration(migrations.Migration):
    dependencies = [("threats", "0020_mended_upgrade")]

    operations = [migrations.RunPython(raise_sealed, migrations.RunPython.noop)]
