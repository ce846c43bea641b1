from django.db import migrations

# As they were when this was written; the rule itself is ``threats.rules.harm``.
KINDS = (
    "killing", "attack", "abduction", "sexual_violence", "child_rights_violation", "looting",
    "forced_displacement",
)  # fmt: skip
DATASETS = ("ucdp", "acled")
HARM = "(coalesce(civilian_deaths, 0) >= 1 OR coalesce(injured, 0) >= 1)"


def keep_what_was_said(apps, schema_editor) -> None:
    """What a reporter or dataset said beside the kind stays said; then the one rule counts."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE threats_incident SET said_against_civilians = against_civilians
            WHERE (against_civilians AND kind <> ALL(%(kinds)s) AND NOT {HARM})
               OR (NOT against_civilians AND kind = ANY(%(kinds)s)
                   AND dataset <> ALL(%(datasets)s))
            """,
            {"kinds": list(KINDS), "datasets": list(DATASETS)},
        )
        cursor.execute(
            f"""
            WITH counted AS (
                UPDATE threats_incident SET against_civilians = NOT against_civilians,
                    modified_at = now()
                WHERE against_civilians <> (
                    coalesce(civilian_deaths, 0) >= 1
                    OR coalesce(said_against_civilians, {HARM} OR kind = ANY(%(kinds)s)))
                RETURNING mission_id)
            INSERT INTO threats_recomputerequest (mission_id, scope, created_at)
            SELECT DISTINCT mission_id, scope, now()
            FROM counted, (VALUES ('whole'), ('history')) AS scopes (scope)
            """,
            {"kinds": list(KINDS)},
        )


def know_who_is_a_side(apps, schema_editor) -> None:
    """UCDP's actors that fought a state or attacked civilians: never taken for a people."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE threats_armedactor a SET seen_organised = true
            WHERE EXISTS (
                SELECT FROM threats_incidentactor p
                JOIN threats_incident i ON i.id = p.incident_id AND i.dataset = 'ucdp'
                WHERE p.actor_id = a.id AND (p.part = 'perpetrator' OR EXISTS (
                    SELECT FROM threats_incidentactor q
                    JOIN threats_armedactor s ON s.id = q.actor_id AND s.kind = 'state_forces'
                    WHERE q.incident_id = p.incident_id AND q.actor_id <> p.actor_id)))
            """
        )


def review_peoples(apps, schema_editor) -> None:
    """Peoples and faiths made armed groups by an import lose that kind until a person decides."""
    from threats.rules.names import is_listed, shipped_peoples

    peoples = shipped_peoples()
    model = apps.get_model("threats", "ArmedActor")
    guessed = model.objects.filter(
        created_by=None, seen_organised=False, kind__in=["non_state_armed_group", "identity_group"]
    )
    found = [actor.pk for actor in guessed if is_listed(actor.name, peoples)]
    model.objects.filter(pk__in=found).update(kind="unknown", review="listed")


class Migration(migrations.Migration):
    dependencies = [("threats", "0005_attribution")]

    operations = [
        migrations.RunPython(keep_what_was_said, migrations.RunPython.noop),
        migrations.RunPython(know_who_is_a_side, migrations.RunPython.noop),
        migrations.RunPython(review_peoples, migrations.RunPython.noop),
    ]
