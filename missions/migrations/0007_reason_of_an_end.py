"""Why an access ended stays in its history, also once it is given again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('missions', '0006_compartments'),
    ]

    operations = [
        migrations.AddField(
            model_name='membershipchange',
            name='reason',
            field=models.TextField(blank=True, db_default='', verbose_name='reason'),
        ),
    ]
