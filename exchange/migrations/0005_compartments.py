"""Need to know: what comes through an intake is in its compartments."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0004_namesakes'),
        ('missions', '0006_compartments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='intake',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddConstraint(
            model_name='intake',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='exchange_intake_compartments'),
        ),
    ]
