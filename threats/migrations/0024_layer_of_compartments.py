"""Figures have a layer of what is in compartments. Nothing is yet: it begins as what was the highest.

Identifiers of sums and scores are numbered by layer, of which there is one more.
"""

from django.db import migrations

HIGHEST, ADDED = 2, 3  # layers
# Through negative numbers, so that no new one meets an old one on its way.
SUMS = """
    UPDATE threats_evidencesums SET id = -(community_id * 4 + classification);
    UPDATE threats_evidencesums SET id = -id
"""
SCORES = """
    UPDATE threats_riskscore
        SET id = -(community_id * 8 + CASE horizon WHEN 30 THEN 0 ELSE 4 END + clearance);
    UPDATE threats_riskscore SET id = -id
"""
COPIED = {
    "threats_riskscore": "horizon, date, expected, probability, band, is_silent, computed_at, "
    "week_before, mission_id, community_id, model_id",
    "threats_riskhistory": "horizon, date, expected, probability, band, is_reconstructed, "
    "mission_id, community_id, model_id",
}


def add_layer(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SUMS)
        cursor.execute(SCORES)
        for table, columns in COPIED.items():
            key, made = ("id, ", "id + 1, ") if table == "threats_riskscore" else ("", "")
            cursor.execute(
                f"INSERT INTO {table} ({key}clearance, {columns}) "
                f"SELECT {made}{ADDED}, {columns} FROM {table} WHERE clearance = {HIGHEST}"
            )
        cursor.execute("UPDATE threats_riskstate SET ends = ends || ends[3] WHERE ends[3] IS NOT NULL")


class Migration(migrations.Migration):
    dependencies = [("threats", "0023_compartments")]

    operations = [migrations.RunPython(add_layer, migrations.RunPython.noop)]
