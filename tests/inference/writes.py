"""What is written between two readings: of every kind, hidden or open, and worked off."""

from __future__ import annotations

import datetime
import itertools

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from exchange.models import IntakeFile, Webhook
from missions.choices import Classification
from missions.models import Component, Mission
from poc_portal.api.router import resources
from poc_portal.api.viewsets import ReadViewSet
from strategies.models import Meeting
from strategies.services.briefs import make_brief_pdfs
from tests.factories import (
    AdminAreaFactory,
    ComponentFactory,
    FieldOfficeFactory,
    InformantFactory,
)
from threats.models import ArmedActor, Community, Incident, Pull, Threat
from threats.scoring.recompute import recompute_pending, recompute_whole
from threats.services.proposals import propose_threats

_turns = itertools.count(1)
PLACE = {
    "place_precision": "exact",
    "longitude": 20.675,
    "latitude": 5.765,
    "place_name": "Bambari",
}


# Where nothing else is: the far south-east.
LONE_REPORT = {
    "kind": "looting", "start_date": "2022-12-30", "date_precision": "day", "place_name": "Obo",
    "place_precision": "exact", "longitude": 26.49, "latitude": 5.4,
}  # fmt: skip


class Writer:
    """Writes over REST, as people do, into one mission at one classification, under need-to-know."""

    def __init__(
        self,
        client: Client,
        mission: Mission,
        classification: int,
        compartments: tuple[str, ...] = (),
    ):
        self.client, self.mission, self.level = client, mission, classification
        self.secrecy = {"classification": classification, "compartments": list(compartments)}
        self.made: dict[str, list[int]] = {}

    def add(self, resource: str, /, **body) -> int:
        """Make a record; its key."""
        answer = self.client.post(f"/api/v1/{resource}/", body, content_type="application/json")
        assert answer.status_code == 201, (resource, answer.status_code, answer.content[:600])
        key = answer.json()["id"]
        self.made.setdefault(resource, []).append(key)
        return key

    def own(self, resource: str, /, **body) -> int:
        """Make a record that names its mission and classification."""
        return self.add(resource, mission=self.mission.code, **self.secrecy, **body)

    def change(self, resource: str, key: int, **body) -> None:
        address = f"/api/v1/{resource}/{key}/"
        answer = self.client.patch(address, body, content_type="application/json")
        assert answer.status_code == 200, (address, answer.status_code, answer.content[:600])

    def component(self) -> int:
        return Component.objects.filter(mission=self.mission).order_by("pk")[0].pk


def place_of(mission: Mission) -> None:
    """What a new mission needs before somebody can write there."""
    office = FieldOfficeFactory(mission=mission)
    AdminAreaFactory(mission=mission, field_office=office)
    ComponentFactory(mission=mission)


def pull_of(mission: Mission) -> None:
    Pull.objects.get_or_create(
        mission=mission,
        source="ucdp_candidate",
        defaults={"since": datetime.date(2022, 1, 1), "is_on": False},
    )


def one_of_each(writer: Writer) -> None:
    """A record of every kind somebody can make."""
    level, turn = writer.secrecy, next(_turns)
    actor = writer.own("armed-actors", name=f"Band {turn}")
    writer.add(
        "actor-identifiers",
        mission=writer.mission.code,
        actor=actor,
        dataset="ucdp",
        value=f"99{turn}",
    )
    community = writer.own("communities", name=f"Quiet hamlet {turn}", longitude=20.7, latitude=5.8)
    incident = writer.own(
        "incidents", kind="killing", start_date="2022-12-29", date_precision="day", **PLACE, civilian_deaths=4, against_civilians=True,
        parts=[{"actor": actor, "part": "perpetrator"}],
    )  # fmt: skip
    writer.add("incident-sources", incident=incident, kind="community")
    threat = writer.own(
        "threats",
        title="Threat against those who testified",
        perpetrators=[actor],
        communities=[community],
    )
    writer.add(
        "assessments", **level, threat=threat, likelihood=4, impact=5, rationale="Told twice."
    )
    alert = writer.own(
        "alerts",
        details="Men gather.",
        kind="attack",
        imminence="imminent",
        source_kind="community",
        **PLACE,
    )
    writer.own(
        "bases",
        name=f"Post {turn}",
        kind="company",
        component=writer.component(),
        longitude=20.6,
        latitude=5.7,
        since="2022-12-01",
    )
    activity = {
        "tier": "2",
        "phase": "prevention",
        "lead_component": writer.component(),
        "start": "2022-12-20",
        "due": "2022-12-28",
    }
    writer.own(
        "activities",
        title="Patrol",
        threats=[threat],
        communities=[community],
        alerts=[alert],
        **activity,
    )
    strategy = writer.own(
        "strategies", title="Plan", start="2022-12-01", end="2023-06-30", threats=[threat]
    )
    objective = writer.add("objectives", strategy=strategy, title="Fewer attacks")
    indicator = writer.add(
        "indicators", objective=objective, title="Attacks", baseline=10, target=2
    )
    writer.add("measurements", indicator=indicator, day="2022-12-30", value=7)
    meeting = writer.own("meetings", title="Working group", day="2022-12-30")
    writer.add(
        "decisions",
        **level,
        meeting=meeting,
        text="Patrol.",
        owner=writer.component(),
        due="2023-01-10",
    )
    writer.own(
        "intakes",
        name=f"form {turn}",
        resource="incidents",
        mapping={"kind": {"always": "looting"}, "start_date": {"from": "day"}},
    )
    if writer.secrecy["compartments"]:
        return  # none of what follows is under any
    brief = writer.add(
        "briefs", mission=writer.mission.code, classification=writer.level, week="2022-12-19"
    )  # in no compartment: it leaves out what is
    issued = writer.client.post(f"/api/v1/briefs/{brief}/issue/", content_type="application/json")
    assert issued.status_code in (200, 201), issued.content[:300]
    _by_pages(writer, turn)


def _by_pages(writer: Writer, turn: int) -> None:
    """What is made on pages alone: a webhook, a brought file."""
    code, level = writer.mission.code, str(writer.level)
    hook = {
        "name": "GIS",
        "url": "https://93.184.215.14/hook",
        "events": ["alert.received"],
        "classification": level,
    }
    sheet = SimpleUploadedFile("sheet.csv", b"Ref;Date;Type;Place\n1;03/12/2022;Attack;Obo\n")
    brought = {
        "resource": "incidents",
        "source": f"sheet {turn}",
        "classification": level,
        "file": sheet,
    }
    for page, body in (("webhooks", hook), ("intakes", brought)):
        answer = writer.client.post(f"/{code}/{page}/add/", body)
        assert answer.status_code == 302, (page, answer.content[-3000:])


def linked_to_open(writer: Writer, target: dict[str, int]) -> None:
    """Hidden records that hang on open ones, and hidden ones that open ones are given."""
    level = writer.secrecy
    threat, incident, community = target["threats"], target["incidents"], target["communities"]
    hidden = writer.own("armed-actors", name="The hidden band", parent=target["armed-actors"])
    own = writer.own("incidents", kind="attack", start_date="2022-12-30", date_precision="day", **PLACE, civilian_deaths=9, parts=[{"actor": target["armed-actors"], "part": "perpetrator"}])  # fmt: skip
    alert = writer.own("alerts", details="Near.", kind="attack", imminence="imminent", source_kind="community", **PLACE,
                       communities=[community], threats=[threat], incidents=[incident])  # fmt: skip
    writer.add(
        "assessments",
        **level,
        threat=threat,
        likelihood=5,
        impact=5,
        rationale="Sure.",
        incidents=[own],
    )
    planned = {
        "tier": "1",
        "phase": "response",
        "lead_component": writer.component(),
        "start": "2022-12-20",
        "due": "2022-12-28",
    }
    writer.own(
        "activities",
        title="Escort",
        threats=[threat],
        communities=[community],
        alerts=[alert],
        **planned,
    )
    secret = writer.own("threats", title="Threat by the hidden band", perpetrators=[hidden, target["armed-actors"]],
                        communities=[community], incidents=[incident])  # fmt: skip
    writer.own(
        "strategies",
        title="Hidden plan",
        start="2022-12-01",
        end="2023-06-30",
        threats=[threat, secret],
    )
    writer.add(
        "decisions",
        **level,
        meeting=target["meetings"],
        text="Hidden.",
        owner=writer.component(),
        due="2022-12-30",
    )
    # The open records themselves get hidden company, and a hidden parent for a while.
    for parent in (hidden, None):
        writer.change("armed-actors", target["orphans"], parent=parent)
    open_incident = Incident.objects.get(pk=incident)
    parts = [{"actor": part.actor_id, "part": part.part} for part in open_incident.parts.all()]
    writer.change("incidents", incident, parts=[*parts, {"actor": hidden, "part": "associate"}])
    perpetrators = list(Threat.objects.get(pk=threat).perpetrators.values_list("pk", flat=True))
    writer.change("threats", threat, perpetrators=[*perpetrators, hidden])
    # Hidden records that are corrected, and withdrawn.
    writer.change("incidents", own, notes="Told anew.")
    gone = writer.own(
        "incidents", kind="killing", start_date="2022-12-28", date_precision="day", **PLACE
    )
    answer = writer.client.delete(f"/api/v1/incidents/{gone}/?reason=Twice+on+record")
    assert answer.status_code in (200, 204), answer.content[:300]
    InformantFactory(mission=writer.mission)


def work_off(missions: list[Mission]) -> None:
    """What the workers would do."""
    for _turn in range(5):
        if not recompute_pending() + recompute_whole():
            break
    for mission in missions:
        propose_threats(mission)
    recompute_pending()
    make_brief_pdfs()


def targets(mission: Mission) -> dict[str, int]:
    """Open records, by resource, that hidden ones are hung on; of the actors one without parent too."""
    found = {}
    for name, model in (("threats", Threat), ("incidents", Incident), ("communities", Community),
                        ("armed-actors", ArmedActor), ("meetings", Meeting)):  # fmt: skip
        rows = model.objects.current().filter(
            mission=mission, classification=Classification.UNCLASSIFIED
        )
        found[name] = (rows.filter(name="Bambari") if model is Community else rows).latest("pk").pk
    orphans = ArmedActor.objects.current().filter(mission=mission, classification=0, parent=None)
    found["orphans"] = orphans.exclude(pk=found["armed-actors"]).earliest("pk").pk
    return found


def keys_of(target: dict[str, int]) -> dict[str, list[int]]:
    """By resource, whose addresses are read: the first, the last four, and what was hung on."""
    found = {}
    for name, view in resources().items():
        if not issubclass(view, ReadViewSet):
            continue
        rows = view.queryset.model._default_manager.order_by("pk").values_list("pk", flat=True)
        chosen = [*rows[:1], *rows.reverse()[:4]]
        found[name] = sorted({*chosen, *([target[name]] if name in target else [])})
    found["armed-actors"].append(target["orphans"])
    for name, model in (("webhooks", Webhook), ("files", IntakeFile), ("pulls", Pull)):
        found[name] = [model.objects.latest("pk").pk]
    return found
