import django.contrib.postgres.fields
from django.db import migrations, models

from missions.need_to_know import compartments_field, held_to


class Migration(migrations.Migration):
    dependencies = [("hazards", "0001_initial"), ("threats", "0024_layer_of_compartments")]

    operations = [
        migrations.AddField(
            "hazard",
            "compartments",
            compartments_field(
                "need to know",
                db_default=models.Value(
                    [],
                    output_field=django.contrib.postgres.fields.ArrayField(models.CharField()),
                ),
                help_text="Readers who do not hold all of these do not see the record at all.",
            ),
        ),
        migrations.AddConstraint(
            "hazard",
            models.CheckConstraint(
                name="hazards_hazard_compartments", condition=held_to("compartments")
            ),
        ),
    ]
