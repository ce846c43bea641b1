"""A pull may stand beside one that is hidden from who sets it up; pairs of namesakes are found fast."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('missions', '0006_compartments'),
        ('threats', '0024_layer_of_compartments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='pull',
            name='threats_pull_source',
        ),
        migrations.AddField(
            model_name='pull',
            name='namesake',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('namesake__gt', 0)), fields=['mission', '-id'], name='threats_incident_twice'),
        ),
        migrations.AddConstraint(
            model_name='pull',
            constraint=models.UniqueConstraint(fields=('mission', 'source', 'namesake'), name='threats_pull_source'),
        ),
    ]
