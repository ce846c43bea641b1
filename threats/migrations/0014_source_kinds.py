from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('threats', '0013_report_grades'),
    ]

    operations = [
        migrations.AddField(
            model_name='threatrules',
            name='source_kinds_from',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Unclassified'), (1, 'Confidential'), (2, 'Strictly confidential')], db_default=2, default=2, help_text='Readers cleared for less are told the group alone, for an exact kind may name somebody: “a liaison assistant” where there is one.', verbose_name='kinds of sources shown exactly from'),
        ),
    ]
