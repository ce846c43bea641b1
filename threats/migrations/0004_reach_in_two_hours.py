import django.core.validators
from django.db import migrations, models


def shorten(apps, schema_editor):
    """Six hours was the default nobody chose; where a mission stored it, the new one holds."""
    apps.get_model("threats", "ThreatRules").objects.filter(reach_hours=6.0).update(reach_hours=2.0)


class Migration(migrations.Migration):
    dependencies = [("threats", "0003_observers")]

    operations = [
        migrations.AlterField(
            model_name="threatrules",
            name="reach_hours",
            field=models.FloatField(
                default=2.0,
                help_text="Help that takes longer comes too late: most attacks are over within two hours.",
                validators=[django.core.validators.MinValueValidator(0.1)],
                verbose_name="reach, hours",
            ),
        ),
        migrations.RunPython(shorten, migrations.RunPython.noop),
    ]
