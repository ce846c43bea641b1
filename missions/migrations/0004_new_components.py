"""Missions from before the newer kinds of component get one of each, as a new mission does."""

from django.db import migrations

NAMES = {
    "gender": "Gender",
    "security_sector_reform": "Security sector reform",
    "electoral": "Electoral affairs",
    "humanitarian_liaison": "Liaison of the RC/HC and with humanitarians",
    "conduct_discipline": "Conduct and discipline",
    "head_of_office": "Head of field office",
}


def add_missing(apps, schema_editor):
    components = apps.get_model("missions", "Component").objects
    for mission in apps.get_model("missions", "Mission").objects.all():
        has = set(components.filter(mission=mission).values_list("kind", flat=True))
        for kind, name in NAMES.items():
            if kind not in has:
                components.create(mission=mission, kind=kind, name=name, pillar="civilian")


class Migration(migrations.Migration):
    dependencies = [("missions", "0003_heads_and_joint")]

    operations = [
        migrations.RunPython(add_missing, migrations.RunPython.noop, elidable=True),
    ]
