"""What a row of an incident says: taken as it is where it is plainly sound, else checked in full."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _

from missions.access import grants
from missions.choices import Classification
from poc_portal.postgres.copy_text import NULL, encode, encode_text
from records.bulk.writer import Refused, Writer
from records.services import require_cleared
from threats.choices import (
    AGAINST_CIVILIANS,
    ActorPart,
    DatePrecision,
    IncidentKind,
    PlacePrecision,
    TimeOfDay,
    VictimGroup,
)
from threats.models import ArmedActor, Incident

LARGEST = 2**31 - 1
KINDS, TIMES = frozenset(IncidentKind.values), frozenset(TimeOfDay.values)
DATES, PLACES = frozenset(DatePrecision.values), frozenset(PlacePrecision.values)
PARTS = frozenset(ActorPart.values)
GROUPS = frozenset(VictimGroup.values)
COUNTS = (
    "deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured", "abducted",
    "displaced",
)  # fmt: skip
FIELDS = frozenset({
    "mission", "source", "external_id", "classification", "kind", "against_civilians",
    "start_date", "end_date", "time_of_day", "date_precision", "place_name", "longitude",
    "latitude", "place_precision", *COUNTS, "victims", "notes", "parts",
})  # fmt: skip
# In the order of a line for COPY, behind row number, external id and digest.
COLUMNS = (
    "classification", "kind", "against_civilians", "start_date", "end_date", "time_of_day",
    "date_precision", "place_name", "place_precision", *COUNTS, "victims", "notes", "longitude",
    "latitude",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "classification": Classification.UNCLASSIFIED.value, "time_of_day": TimeOfDay.UNKNOWN.value,
    "date_precision": DatePrecision.DAY.value, "place_name": "", "place_precision": PlacePrecision.EXACT.value,
    "victims": {}, "notes": "", "longitude": None, "latitude": None, "parts": (),
} | dict.fromkeys(COUNTS)  # fmt: skip


class IncidentRows(Writer):
    """Checks rows; the writer that stores them is ``IncidentWriter``."""

    def _prepare(self) -> None:
        """Read once what the rows are checked by."""
        self._days: dict[str, datetime.date] = {}
        self._today = self.mission.today
        self._clearance = grants(self.user)[self.mission.pk].clearance
        self._actors = set(
            ArmedActor.objects.visible_to(self.user)
            .filter(mission=self.mission)
            .values_list("pk", flat=True)
        )

    def _values(self, row: dict) -> dict:
        """What to store. Raises ValidationError of serializer or model, or Refused."""
        return self._plainly_sound(row) or self._checked(row)

    def _day(self, value: Any) -> datetime.date | None:
        if type(value) is not str:
            return None
        day = self._days.get(value)
        if day is None and len(value) == 10:
            try:
                day = self._days[value] = datetime.date.fromisoformat(value)
            except ValueError:
                return None
        return day

    def _plainly_sound(self, row: dict) -> dict | None:
        """The values to store; None where anything at all is out of the ordinary."""
        if not row.keys() <= FIELDS:
            return None
        get = row.get
        start = self._day(get("start_date"))
        if start is None:
            return None
        end = self._day(row["end_date"]) if "end_date" in row else start
        if end is None or not start <= end <= self._today:
            return None
        values = {**DEFAULTS, **row, "start_date": start, "end_date": end}
        kind, level = values.get("kind"), values["classification"]
        victims, parts = values["victims"], values["parts"]
        name, notes = values["place_name"], values["notes"]
        longitude, latitude = values["longitude"], values["latitude"]
        try:
            sound = (
                kind in KINDS
                and type(level) is int
                and 0 <= level <= self._clearance
                and values["time_of_day"] in TIMES
                and values["date_precision"] in DATES
                and values["place_precision"] in PLACES
                and type(name) is str
                and len(name) <= 250
                and type(notes) is str
                and len(notes) <= 20_000
                and (
                    (longitude is None and latitude is None)
                    or (
                        type(longitude) in (int, float)
                        and type(latitude) in (int, float)
                        and -180 <= longitude <= 180
                        and -90 <= latitude <= 90
                    )
                )
                and type(values.setdefault("against_civilians", kind in AGAINST_CIVILIANS)) is bool
                and type(victims) is dict
                and victims.keys() <= GROUPS
            )
            if not sound:
                return None
            values["place_name"], values["notes"] = name.strip(), notes.strip()
            for count in COUNTS:
                found = values[count]
                if found is not None and not (type(found) is int and 0 <= found <= LARGEST):
                    return None
            for found in victims.values():
                if not (type(found) is int and 0 <= found <= LARGEST):
                    return None
            values["parts"] = [(part["actor"], part["part"]) for part in parts]
            for part, (actor, role) in zip(parts, values["parts"], strict=True):
                if len(part) != 2 or type(actor) is not int or actor not in self._actors:
                    return None
                if role not in PARTS:
                    return None
        except (TypeError, KeyError):
            return None
        return values

    def _checked(self, row: dict) -> dict:
        """The same by the serializer and the model. Raises ValidationError of either, or Refused."""
        given = dict(self._checker.run_validation(self._own(row) | {"mission": self.mission.code}))
        given.pop("mission")
        parts = given.pop("parts", [])
        for actor, _part in parts:
            if actor.pk not in self._actors:
                raise Refused("parts", _("“%(name)s” belongs to another mission.")
                              % {"name": actor})  # fmt: skip
        values = {**DEFAULTS, **given}
        values.setdefault("end_date", values["start_date"])
        values.setdefault("against_civilians", values["kind"] in AGAINST_CIVILIANS)
        stored = {name: value for name, value in values.items() if name != "parts"}
        Incident(mission=self.mission, **stored).full_clean(validate_constraints=False)
        require_cleared(self.user, self.mission, values["classification"])
        return values | {"parts": [(actor.pk, part) for actor, part in parts]}


def line_of(values: dict) -> str:
    """The values of COLUMNS as COPY has them."""
    victims = values["victims"]
    return "\t".join([
        str(int(values["classification"])), values["kind"],
        "t" if values["against_civilians"] else "f", str(values["start_date"]),
        str(values["end_date"]), values["time_of_day"], values["date_precision"],
        encode_text(values["place_name"]), values["place_precision"],
        *[NULL if (n := values[name]) is None else str(n) for name in COUNTS],
        _victims(victims) if victims else "{}", encode_text(values["notes"]),
        encode(values["longitude"]), encode(values["latitude"]),
    ])  # fmt: skip


def _victims(victims: dict[str, int]) -> str:
    return "{" + ",".join(f'"{group}":{victims[group]}' for group in sorted(victims)) + "}"
