"""ACLED's CSV export. Violence against civilians by the one rule of ``threats.rules.harm``: its event
type "Violence against civilians" and its civilian-targeting flag say so. Its fatalities are not split by side, so civilian
deaths stay unknown. Associated actors are not read: the export does not say which are armed.
Which column an actor stands in says who acted only where both are armed: a protest names the
protesters first, also where they were shot.
"""

from __future__ import annotations

from poc_portal.tabular import count, number, text
from threats.choices import ActorKind, DatePrecision, PlacePrecision
from threats.rules.harm import is_against_civilians, usual_parts
from threats.rules.kinds import taken_from
from threats.rules.names import kind_of_actor
from threats.sources.formats.record import (
    ActorName,
    Format,
    IncidentRow,
    code,
    date_of,
)

COLUMNS = (
    "event_id_cnty", "event_date", "time_precision", "event_type", "sub_event_type", "actor1",
    "inter1", "actor2", "inter2", "civilian_targeting",
    "location", "latitude", "longitude", "geo_precision", "source", "notes", "fatalities",
)  # fmt: skip
PLACES = {
    "1": PlacePrecision.EXACT,
    "2": PlacePrecision.NEAR,
    "3": PlacePrecision.PROVINCE,
}
DATES = {"1": DatePrecision.DAY, "2": DatePrecision.WEEK, "3": DatePrecision.MONTH}
ATTACKS_ON_CIVILIANS = "Violence against civilians"
# Event types, and sub-event types that say more: both from the table of crosswalks.
KINDS = {event: kinds for (event, detail), kinds in taken_from("acled").items() if not detail}
SUB_KINDS = {detail: kinds for (_event, detail), kinds in taken_from("acled").items() if detail}
# ACLED's interaction codes, as numbers and as the words newer exports use.
RIOTERS, PROTESTERS, CIVILIANS = {"5", "rioters"}, {"6", "protesters"}, {"7", "civilians"}
UNARMED = RIOTERS | PROTESTERS | CIVILIANS
ACTOR_KINDS = {
    "1": ActorKind.STATE_FORCES,
    "state forces": ActorKind.STATE_FORCES,
    "2": ActorKind.NON_STATE_ARMED_GROUP,
    "rebel group": ActorKind.NON_STATE_ARMED_GROUP,
    "3": ActorKind.MILITIA,
    "political militia": ActorKind.MILITIA,
    "4": ActorKind.MILITIA,
    "identity militia": ActorKind.MILITIA,
}

ABROAD = {"8", "external/other forces"}
OF_A_STATE = (ActorKind.STATE_FORCES, ActorKind.POLICE)
# What a name says for certain, whatever the code beside it.
CERTAIN = (
    ActorKind.UNKNOWN, ActorKind.IDENTITY_GROUP, ActorKind.POLICE, ActorKind.PRIVATE_MILITARY,
    ActorKind.UN_FORCES,
)  # fmt: skip


def _side(column: str, name: str, interaction: str, part: str) -> list[tuple[ActorName, str]]:
    name, interaction = name.strip(), interaction.strip().lower()
    if (
        not name
        or interaction in UNARMED
        or name.startswith(("Civilians", "Protesters", "Rioters"))
    ):
        return []
    name = text(column, name, 200)
    guess = kind_of_actor(name)
    kind = ACTOR_KINDS.get(interaction, guess)
    if interaction in ABROAD:  # forces of a state outside it, the UN and private companies
        kind = ActorKind.FOREIGN_FORCES if guess in OF_A_STATE else guess
    elif guess in CERTAIN:
        kind = guess
    return [(ActorName(name, name, kind), part)]


def _is_peaceful(name: str, interaction: str) -> bool:
    """Whether a side is civilians or peaceful protesters, who do no violence."""
    return interaction.strip().lower() in PROTESTERS | CIVILIANS or name.strip().startswith(
        ("Civilians", "Protesters")
    )


def record(cells: tuple[str, ...]) -> IncidentRow:
    (
        event_id, event_date, time_precision, event_type, sub_type, actor1,
        inter1, actor2, inter2, targeting, location, latitude, longitude,
        geo_precision, source, notes, fatalities,
    ) = cells  # fmt: skip
    kinds = code("event_type", event_type.strip(), KINDS)
    against = event_type.strip() == ATTACKS_ON_CIVILIANS or bool(targeting.strip())
    deaths = count("fatalities", fatalities)
    kind = SUB_KINDS.get(sub_type.strip(), kinds)[bool(deaths)]
    is_harm = is_against_civilians(
        kind=kind, civilian_deaths=None, injured=None, said=True if against else None
    )
    first, second = usual_parts(kind=kind, is_harm=is_harm)
    if _is_peaceful(actor1, inter1):
        second = first
    actors = _side("actor1", actor1, inter1, first) + _side("actor2", actor2, inter2, second)
    date = date_of("event_date", event_date)
    precision = code("geo_precision", geo_precision, PLACES)
    return IncidentRow(
        external_id=text("event_id_cnty", event_id, 100, required=True),
        kind=kind,
        against_civilians=True if against else None,
        start_date=date,
        end_date=date,
        date_precision=code("time_precision", time_precision, DATES),
        place_name=text("location", location, 250),
        longitude=number("longitude", longitude, -180, 180),
        latitude=number("latitude", latitude, -90, 90),
        place_precision=precision,
        deaths=(None, deaths, None, None),
        notes=notes.strip(),
        attribution=source.strip(),
        actors=tuple(dict.fromkeys(actors)),
        is_settlement=precision == PlacePrecision.EXACT and bool(location.strip()),
    )


FORMAT = Format("acled", "ACLED", "event_id_cnty", ("event_date", "event_date"), COLUMNS, record)
