"""The demonstration of 0.1.0 named its typical activities in words of its own: they become those of
the catalogue's entries they stand for, in the reader's language."""

from django.db import migrations

# Tier, phase, words, and the entry of the same cell that says the same.
FIRST_WORDS = (
    (1, "prevention", "Mediation between communities with local leaders", "t1-prv-mediation"),
    (1, "preemption", "Warning to commanders about their obligations", "t1-pre-warning"),
    (1, "response", "Talks with the group on safe passage for civilians", "t1-rsp-passage"),
    (1, "consolidation", "Dialogue on the return of displaced families", "t1-cns-return"),
    (2, "prevention", "Regular day patrols to markets and water points", "t2-prv-daypatrols"),
    (2, "preemption", "Overnight patrols and a temporary operating base", "t2-pre-overnight"),
    (2, "response", "Quick-reaction force between attackers and civilians", "t2-rsp-interpose"),
    (2, "consolidation", "Joint police patrols around the displacement site", "t2-cns-policing"),
    (3, "prevention", "Training of local forces on human rights law", "t3-prv-training"),
    (3, "preemption", "Agreement on the release of children", "t3-pre-release"),
    (3, "response", "Investigation and preservation of evidence", "t3-rsp-investigate"),
    (3, "consolidation", "Support to the prosecution of those responsible", "t3-cns-prosecution"),
)


def recognise(apps, schema_editor):
    Activity, Entry = (
        apps.get_model("strategies", name) for name in ("Activity", "CatalogueActivity")
    )
    english = {entry.code: entry.titles["en"] for entry in Entry.objects.all()}
    for tier, phase, words, code in FIRST_WORDS:
        if code not in english:
            continue
        rows = Activity.objects.filter(
            is_demonstration=True, title_made_of={}, tier=tier, phase=phase, title__startswith=words
        )
        for key, title, place in rows.values_list("pk", "title", "threats__admin_area__name"):
            if title == words:
                made = {"form": "typical", "entry": code}
            elif place and title == f"{words} ({place})":
                made = {"form": "typical_in", "entry": code, "place": place}
            else:
                continue
            said = english[code] + (f" ({place})" if "place" in made else "")
            Activity.objects.filter(pk=key).update(title=said, title_made_of=made)


class Migration(migrations.Migration):
    dependencies = [("strategies", "0006_made_titles")]

    operations = [migrations.RunPython(recognise, migrations.RunPython.noop)]
