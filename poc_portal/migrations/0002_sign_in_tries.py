import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("poc_portal", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SignInTries",
            fields=[
                ("key", models.CharField(max_length=140, primary_key=True, serialize=False)),
                (
                    "failed_at",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), default=list, size=None
                    ),
                ),
                ("last_at", models.DateTimeField(db_index=True, null=True)),
                ("told_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
