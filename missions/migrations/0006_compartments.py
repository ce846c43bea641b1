"""Need to know: compartments a member holds."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('missions', '0005_grants'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, default=list, help_text='Records kept to these are read by who holds them.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='membershipchange',
            name='from_compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, default=list, size=None, verbose_name='need to know before'),
        ),
        migrations.AddField(
            model_name='membershipchange',
            name='to_compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, default=list, size=None, verbose_name='need to know since'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='missions_membership_compartments'),
        ),
    ]
