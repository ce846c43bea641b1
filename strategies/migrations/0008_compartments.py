"""Need to know: compartments of what is planned."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('missions', '0006_compartments'),
        ('strategies', '0007_first_titles'),
        ('threats', '0023_compartments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='activity',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='brief',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='decision',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='strategy',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='strategies_activity_compartments'),
        ),
        migrations.AddConstraint(
            model_name='brief',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='strategies_brief_compartments'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='strategies_decision_compartments'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='strategies_meeting_compartments'),
        ),
        migrations.AddConstraint(
            model_name='strategy',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='strategies_strategy_compartments'),
        ),
    ]
