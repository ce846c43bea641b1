"""Own reports all of whose sources are graded F6 wait to be verified: they count for nothing until
then. The scores that went by them are made anew."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

AWAIT = """
    UPDATE threats_incident i SET awaits_verification = true
    WHERE i.dataset NOT IN ('acled', 'ucdp')
    AND EXISTS (
        SELECT 1 FROM threats_incidentsource s
        WHERE s.incident_id = i.id AND s.withdrawn_at IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM threats_incidentsource s
        WHERE s.incident_id = i.id AND s.withdrawn_at IS NULL
        AND NOT (s.reliability = 'F' AND s.credibility = 6)
    )
"""
REQUEST = """
    INSERT INTO threats_recomputerequest (mission_id, scope, created_at)
    SELECT m.id, scope, now() FROM missions_mission m, unnest(ARRAY['whole', 'history']) scope
    WHERE EXISTS (
        SELECT 1 FROM threats_incident i WHERE i.mission_id = m.id AND i.awaits_verification
    ) OR EXISTS (
        SELECT 1 FROM threats_alert a
        WHERE a.mission_id = m.id AND a.reliability = 'F' AND a.credibility = 6
    )
"""


class Migration(migrations.Migration):

    dependencies = [
        ('threats', '0014_made_titles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='incident',
            name='awaits_verification',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='waits to be verified'),
        ),
        migrations.AddField(
            model_name='incident',
            name='verified_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='verified'),
        ),
        migrations.AddField(
            model_name='incident',
            name='verified_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verified by'),
        ),
        migrations.RunSQL([AWAIT, REQUEST], migrations.RunSQL.noop),
    ]
