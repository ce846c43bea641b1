import django.db.models.deletion
from django.db import migrations, models

# The members of coalitions keep their table; it gets days.
THROUGH = [
    migrations.CreateModel(
        name='CoalitionMember',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('coalition', models.ForeignKey(db_column='from_armedactor_id', on_delete=django.db.models.deletion.CASCADE, related_name='belongings', to='threats.armedactor', verbose_name='coalition')),
            ('member', models.ForeignKey(db_column='to_armedactor_id', on_delete=django.db.models.deletion.CASCADE, related_name='coalition_links', to='threats.armedactor', verbose_name='member')),
        ],
        options={
            'verbose_name': 'member of a coalition',
            'verbose_name_plural': 'members of coalitions',
            'db_table': 'threats_armedactor_members',
            'ordering': ['coalition', 'pk'],
            'unique_together': {('coalition', 'member')},
        },
    ),
    migrations.AlterField(
        model_name='armedactor',
        name='members',
        field=models.ManyToManyField(blank=True, related_name='coalitions', through='threats.CoalitionMember', through_fields=('coalition', 'member'), to='threats.armedactor', verbose_name='members of the coalition'),
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('threats', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='community',
            name='merged_into',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='threats.community', verbose_name='merged into'),
        ),
        migrations.SeparateDatabaseAndState(state_operations=THROUGH),
        migrations.AddField(
            model_name='coalitionmember',
            name='since',
            field=models.DateField(blank=True, null=True, verbose_name='since'),
        ),
        migrations.AddField(
            model_name='coalitionmember',
            name='until',
            field=models.DateField(blank=True, null=True, verbose_name='until'),
        ),
    ]
