import missions.timezones
from django.db import migrations, models


def set_countries_time(apps, schema_editor):
    """Missions that exist go by the clocks of their first country from now on."""
    for mission in apps.get_model("missions", "Mission").objects.all():
        mission.time_zone = missions.timezones.usual(mission.countries)
        mission.save(update_fields=["time_zone"])


class Migration(migrations.Migration):
    dependencies = [("missions", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="mission",
            name="time_zone",
            field=models.CharField(
                db_default="UTC",
                default="UTC",
                help_text="Whose clocks the mission goes by, such as Africa/Bangui.",
                max_length=50,
                validators=[missions.timezones.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
        migrations.RunPython(set_countries_time, migrations.RunPython.noop),
    ]
