"""Mends what earlier migrations made of the databases of 0.1.0: reports into which others were merged,
alerts received on a past day, titles that accuse."""

import datetime
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Case, Q, When
from django.utils import timezone

# -- What was merged into a report and counts lets it count: 0015 left that out ------------------------

TOLD_ELSEWHERE = """
    UPDATE threats_incident AS incident SET awaits_verification = false
    WHERE incident.awaits_verification AND EXISTS (
        SELECT 1 FROM threats_incident AS merged
        WHERE merged.merged_into_id = incident.id AND NOT merged.awaits_verification
        AND merged.classification <= incident.classification
    )
    RETURNING incident.mission_id
"""


def let_merged_count(apps, schema_editor):
    changed = set()
    with schema_editor.connection.cursor() as cursor:
        while True:  # what counts now may itself have been merged into another
            cursor.execute(TOLD_ELSEWHERE)
            found = {mission for (mission,) in cursor.fetchall()}
            if not found:
                break
            changed |= found
    _ask_for_scores(apps, changed)


def _ask_for_scores(apps, missions):
    scored = apps.get_model("threats", "RiskState").objects.filter(mission__in=missions)
    requests = apps.get_model("threats", "RecomputeRequest").objects
    for mission in scored.values_list("mission", flat=True):
        for scope in ("whole", "history"):
            requests.create(mission_id=mission, scope=scope)


# -- Alerts of a replayed mission that were received on a past day: 0012 moved them from there ---------

MOMENTS = (
    "acknowledged_at", "verified_at", "decided_at", "responded_at", "reported_back_at", "closed_at",
)  # fmt: skip
AT_ONCE = datetime.timedelta(minutes=10)  # between a step's recording and its row


def put_back_receptions(apps, schema_editor):
    Alert = apps.get_model("threats", "Alert")
    replayed = Alert.objects.filter(mission__reference_date__isnull=False)
    moved = set()
    for alert in replayed.select_related("mission").iterator():
        if _put_back(alert):
            moved.add(alert.mission_id)
    _ask_for_scores(apps, moved)


def _put_back(alert):
    """Whether the alert was moved from a past day to the mission's, and is back."""
    steps = list(alert.steps.order_by("pk"))
    if not steps or any(step.corrects_id for step in steps):
        return False
    distance = steps[0].taken_at - steps[0].recorded_at
    received = alert.received_at - distance
    zone, day = ZoneInfo(alert.mission.time_zone), alert.mission_day
    is_later = steps[0].recorded_at > steps[0].created_at - AT_ONCE  # recorded by the real clock …
    if is_later and steps[0].taken_at == alert.received_at:  # … and nobody corrected it
        return False
    if distance <= datetime.timedelta(0) or received.astimezone(zone).date() > day:
        return False
    place, earliest = {}, received
    for step in steps:
        if step.taken_at - step.recorded_at != distance:
            continue  # taken since, by the mission's clock
        before, now = step.taken_at, step.recorded_at.astimezone(zone)
        if step.step == "received":
            step.taken_at = received
            entered = _on(day, step.created_at.astimezone(zone))
            step.recorded_after = max(entered - received, datetime.timedelta(0))
        else:
            earliest = max(earliest, _on(min(day, now.date()), now))
            step.taken_at = earliest
        place[before] = step.taken_at
        step.save(update_fields=["taken_at", "recorded_after"])
    for name in MOMENTS:
        moment = getattr(alert, name)
        if moment in place:
            setattr(alert, name, place[moment])
    alert.received_at = received
    alert.mission_day = received.astimezone(zone).date()
    alert.save(update_fields=["received_at", "mission_day", *MOMENTS])
    return True


def _on(day, moment):
    """A day at the time of day of a moment, both by the mission's clock."""
    return datetime.datetime.combine(day, moment.timetz())


# -- Titles of drafts in the words of 0.1.0, which 0014 did not know ------------------------------------

FIRST_WORDS = (
    "%(name)s: violence against civilians in %(area)s",
    "%(name)s : violence contre des civils en %(area)s",
)
UNESTABLISHED = "Community-based militia, identity not established"
LONGEST = 250
UNSUPPORTED = "No incident on record supports this draft any more."
ATTACKS = "%(names)s: reported violence against civilians in %(area)s"
CROSSFIRE = {
    "crossfire": "Fighting with %(names)s as one side, civilians reported %(what)s in %(area)s",
    "crossfire_between": "Fighting between %(names)s, civilians reported %(what)s in %(area)s",
    "crossfire_many": "Fighting between %(n)s sides, civilians reported %(what)s in %(area)s",
}


def say_reported(apps, schema_editor):
    Threat = apps.get_model("threats", "Threat")
    drafts = Threat.objects.filter(
        created_by=None, admin_area__isnull=False, title_made_of={}, parties=None
    )
    told = set()  # of which fighting, where
    accepted_first = drafts.order_by(Case(When(status="proposed", then=1), default=0), "pk")
    for threat in accepted_first.select_related("admin_area").prefetch_related("perpetrators"):
        accused, area = list(threat.perpetrators.all()), threat.admin_area.name
        if len(accused) != 1 or _plain(threat.title) not in {
            _plain(words % {"name": accused[0].name, "area": area})[:LONGEST]
            for words in FIRST_WORDS
        }:
            continue
        sides = _mere_sides(apps, threat, accused[0])
        fighting = threat.admin_area_id, *(actor.pk for actor in sides)
        if sides and threat.status == "proposed" and fighting in told:
            values = _said_of(accused[0].name, area)
            values |= {"withdrawn_at": timezone.now(), "withdrawn_reason": UNSUPPORTED}
        elif sides:
            told.add(fighting)
            values = _without_blame(apps, threat, sides, area) | {"kind": "crossfire"}
        else:
            values = _said_of(accused[0].name, area)
        Threat.objects.filter(pk=threat.pk).update(**values)


def _said_of(name, area):
    return {
        "title": (ATTACKS % {"names": name, "area": area})[:LONGEST],
        "title_made_of": {"form": "attacks", "area": area, "names": [name]},
    }


def _plain(text):
    """Without the spaces French typography sets."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _mere_sides(apps, threat, accused):
    """Who fought where the accused was a side, if no incident behind the threat blames it; else none.

    None where a person set how well the accusation is established: it is theirs.
    """
    Accused, Part = (apps.get_model("threats", it) for it in ("ThreatPerpetrator", "IncidentActor"))
    if Accused.objects.filter(threat=threat, standard_set_by__isnull=False).exists():
        return []
    parts = Part.objects.filter(
        incident__in=threat.incidents.filter(withdrawn_at=None),
        incident__classification__lte=threat.classification,
        actor__classification__lte=threat.classification,
    ).exclude(standard="disproved")
    if parts.filter(actor=accused, part="perpetrator").exists():
        return []
    fought = parts.filter(actor=accused, part="party").values("incident")
    Actor = apps.get_model("threats", "ArmedActor")
    found = Actor.objects.filter(
        pk__in=parts.filter(incident__in=fought, part="party").values("actor")
    )
    return sorted(found, key=lambda actor: actor.sort_name)


def _without_blame(apps, threat, sides, area):
    """Make the accused a side among the sides; the title that says so."""
    Party = apps.get_model("threats", "ThreatParty")
    apps.get_model("threats", "ThreatPerpetrator").objects.filter(threat=threat).delete()
    for actor in sides:
        Party.objects.get_or_create(threat=threat, actor=actor)
    counted = threat.incidents.filter(
        Q(civilian_deaths__gt=0) | Q(injured__gt=0), withdrawn_at=None, against_civilians=True,
        classification__lte=threat.classification,
    ).exists()  # fmt: skip
    names = [actor.name for actor in sides if actor.name != UNESTABLISHED]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    form = "crossfire_between" if len(names) > 1 else "crossfire"
    said = {"names": listed, "n": len(names), "area": area,
            "what": "killed or injured" if counted else "harmed"}  # fmt: skip
    if len(CROSSFIRE[form] % said) >= LONGEST:
        form = "crossfire_many"
    made = {"form": form if counted else form.replace("crossfire", "crossfire_harm"), "area": area}
    made |= {"n": len(names)} if form == "crossfire_many" else {"names": names}
    return {"title": (CROSSFIRE[form] % said)[:LONGEST], "title_made_of": made}


class Migration(migrations.Migration):
    dependencies = [("threats", "0019_drafts_kept"), ("missions", "0003_heads_and_joint")]

    operations = [
        migrations.RunPython(let_merged_count, migrations.RunPython.noop),
        migrations.RunPython(put_back_receptions, migrations.RunPython.noop),
        migrations.RunPython(say_reported, migrations.RunPython.noop),
    ]
