"""A draft threat notes for which clearance it was made, and whether a person changed it since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("threats", "0018_month_spans")]

    operations = [
        migrations.AddField(
            model_name="threat",
            name="drafted_for",
            field=models.PositiveSmallIntegerField(
                blank=True,
                choices=[
                    (0, "Unclassified"),
                    (1, "Confidential"),
                    (2, "Strictly confidential"),
                ],
                editable=False,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="threat",
            name="edited_by_hand",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
