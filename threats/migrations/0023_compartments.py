"""Need to know: compartments of records; figures may have one layer more."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('missions', '0006_compartments'),
        ('threats', '0022_namesakes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='incident',
            name='threats_incident_newest',
        ),
        migrations.RemoveIndex(
            model_name='incident',
            name='threats_incident_own',
        ),
        migrations.AddField(
            model_name='alert',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='armedactor',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='community',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='incident',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='post',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AddField(
            model_name='threat',
            name='compartments',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('human_rights', 'Human rights'), ('children', 'Children'), ('crsv', 'Conflict-related sexual violence'), ('intelligence', 'Intelligence')], max_length=20), blank=True, db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)), default=list, help_text='Readers who do not hold all of these do not see the record at all.', size=None, verbose_name='need to know'),
        ),
        migrations.AlterField(
            model_name='recordspan',
            name='classification',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Unclassified'), (1, 'Confidential'), (2, 'Strictly confidential'), (3, 'All, under need-to-know as well')], default=0, verbose_name='classification'),
        ),
        migrations.AlterField(
            model_name='evidencesums',
            name='classification',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Unclassified'), (1, 'Confidential'), (2, 'Strictly confidential'), (3, 'All, under need-to-know as well')]),
        ),
        migrations.AlterField(
            model_name='riskhistory',
            name='clearance',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Unclassified'), (1, 'Confidential'), (2, 'Strictly confidential'), (3, 'All, under need-to-know as well')], editable=False, help_text='Whose score it is: the layer of figures a reader has.', verbose_name='clearance'),
        ),
        migrations.AlterField(
            model_name='riskscore',
            name='clearance',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Unclassified'), (1, 'Confidential'), (2, 'Strictly confidential'), (3, 'All, under need-to-know as well')], editable=False, help_text='Whose score it is: the layer of figures a reader has.', verbose_name='clearance'),
        ),
        migrations.AlterField(
            model_name='threatdecision',
            name='suggested_from',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Unclassified'), (1, 'Confidential'), (2, 'Strictly confidential'), (3, 'All, under need-to-know as well')], default=0, help_text='The evidence it was drawn from may be as secret as this.', verbose_name='classification of the suggestion'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['mission', '-start_date', '-id'], include=('classification', 'compartments', 'withdrawn_at'), name='threats_incident_newest'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(models.Q(('dataset__in', ('acled', 'ucdp')), _negated=True), ('withdrawn_at__isnull', True)), fields=['mission', 'classification', 'end_date'], include=('start_date', 'compartments'), name='threats_incident_own'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_alert_compartments'),
        ),
        migrations.AddConstraint(
            model_name='armedactor',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_armedactor_compartments'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_assessment_compartments'),
        ),
        migrations.AddConstraint(
            model_name='community',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_community_compartments'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_incident_compartments'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_post_compartments'),
        ),
        migrations.AddConstraint(
            model_name='threat',
            constraint=models.CheckConstraint(condition=models.Q(('compartments__contained_by', ['children', 'crsv', 'human_rights', 'intelligence'])), name='threats_threat_compartments'),
        ),
    ]
