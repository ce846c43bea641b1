"""Need to know: what is brought in a file is in the compartments said with it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0006_stopped_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='intakefile',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, size=None, verbose_name='need to know'),
        ),
    ]
