"""A record that leaves a compartment is kept like one that is declassified."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0002_declassification'),
    ]

    operations = [
        migrations.AddField(
            model_name='declassification',
            name='from_compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, default=list, size=None, verbose_name='need to know before'),
        ),
        migrations.AddField(
            model_name='declassification',
            name='to_compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, default=list, size=None, verbose_name='need to know since'),
        ),
    ]
