"""Titles of typical activities and usual meetings are made of codes; one that says just what the
catalogue or the portal says is theirs."""

from collections import defaultdict

from django.db import migrations, models

WORKING_GROUP = "POC working group", "Groupe de travail POC"


def recognise(apps, schema_editor):
    names = ("Activity", "CatalogueActivity", "Meeting")
    Activity, CatalogueActivity, Meeting = (apps.get_model("strategies", name) for name in names)
    Meeting.objects.filter(title__in=WORKING_GROUP).update(
        title=WORKING_GROUP[0], title_made_of={"form": "working_group"}
    )
    entries = defaultdict(list)
    for entry in CatalogueActivity.objects.all():
        for title in entry.titles.values():
            entries[title].append(entry)
    rows = Activity.objects.values_list("pk", "title", "tier", "phase", "threats__admin_area__name")
    for key, title, tier, phase, place in rows.order_by("pk"):
        entry, made = _entry(entries, title, tier, phase), {"form": "typical"}
        if entry is None and place and title.endswith(f" ({place})"):
            entry = _entry(entries, title.removesuffix(f" ({place})"), tier, phase)
            made = {"form": "typical_in", "place": place}
        if entry is not None:
            english = entry.titles["en"] + (f" ({place})" if "place" in made else "")
            Activity.objects.filter(pk=key).update(
                title=english, title_made_of=made | {"entry": entry.code}
            )


def _entry(entries, title, tier, phase):
    """The one entry of the cell with this title."""
    found = [entry for entry in entries.get(title, []) if (entry.tier, entry.phase) == (tier, phase)]
    return found[0] if len(found) == 1 else None


class Migration(migrations.Migration):
    dependencies = [("strategies", "0005_alerts_answered")]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="title_made_of",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="meeting",
            name="title_made_of",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.RunPython(recognise, migrations.RunPython.noop),
    ]
