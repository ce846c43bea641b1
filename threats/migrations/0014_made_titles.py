"""Titles of drafts are made of codes; one that says just what the portal would say is the portal's."""

from django.db import migrations, models

UNESTABLISHED = "Community-based militia, identity not established"
LONGEST = 250
# As they were when this was written: form, then its words in each language the portal wrote.
BLAMED = (
    ("attacks", (
        "%(names)s: reported violence against civilians in %(area)s",
        "%(names)s : violences signalées contre des civils, %(area)s",
    )),
    ("feared", (
        "Violence against civilians to be feared in %(area)s, no perpetrator reported",
        "Violences contre les civils à craindre à %(area)s, aucun auteur signalé",
    )),
)  # fmt: skip
BLAMELESS = {
    "intercommunal": (
        ("intercommunal", (
            "Intercommunal violence reported in %(area)s",
            "Violences intercommunautaires signalées, %(area)s",
        )),
        ("intercommunal_between", (
            "Intercommunal violence reported between %(names)s in %(area)s",
            "Violences intercommunautaires signalées entre %(names)s, %(area)s",
        )),
        ("intercommunal_many", (
            "Intercommunal violence reported between %(n)s sides in %(area)s",
            "Violences intercommunautaires signalées entre %(n)s parties, %(area)s",
        )),
    ),
    "crossfire": (
        ("crossfire", (
            "Fighting with %(names)s as one side, civilians reported killed or injured in %(area)s",
            "Combats dont %(names)s est une partie, civils signalés tués ou blessés, %(area)s",
        )),
        ("crossfire_between", (
            "Fighting between %(names)s, civilians reported killed or injured in %(area)s",
            "Combats entre %(names)s, civils signalés tués ou blessés, %(area)s",
        )),
        ("crossfire_many", (
            "Fighting between %(n)s sides, civilians reported killed or injured in %(area)s",
            "Combats entre %(n)s parties, civils signalés tués ou blessés, %(area)s",
        )),
    ),
}  # fmt: skip


def _listed(names, last_word):
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last_word} {names[-1]}"


def _recognised(title, forms, names, area):
    """The title in English and its codes; None where a person may have typed it."""
    for form, words in forms:
        said = [
            (text % {"names": _listed(names, last), "n": len(names), "area": area})[:LONGEST]
            for text, last in zip(words, ("and", "et"), strict=True)
        ]
        if title in said:
            made = {"form": form, "area": area}
            if "%(names)s" in words[0]:
                made["names"] = names
            elif "%(n)s" in words[0]:
                made["n"] = len(names)
            return said[0], made
    return None


def recognise(apps, schema_editor):
    Threat = apps.get_model("threats", "Threat")
    drafts = Threat.objects.filter(created_by=None, admin_area__isnull=False)
    for threat in drafts.select_related("admin_area").prefetch_related("perpetrators", "parties"):
        blameless = BLAMELESS.get(threat.kind)
        actors = threat.parties if blameless else threat.perpetrators
        names = [
            actor.name
            for actor in sorted(actors.all(), key=lambda actor: actor.sort_name)
            if actor.name != UNESTABLISHED
        ]
        found = _recognised(threat.title, blameless or BLAMED, names, threat.admin_area.name)
        if found is not None:
            title, made = found
            Threat.objects.filter(pk=threat.pk).update(title=title, title_made_of=made)


class Migration(migrations.Migration):
    dependencies = [("threats", "0013_spread_evidence")]

    operations = [
        migrations.AddField(
            model_name="threat",
            name="title_made_of",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.RunPython(recognise, migrations.RunPython.noop),
    ]
