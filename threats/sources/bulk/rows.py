"""What a row of an incident says: taken as it is where it is plainly sound, else checked in full."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from missions.access import grants
from missions.need_to_know import in_order
from poc_portal.postgres.copy_text import NULL, encode, encode_text
from records.bulk.plain import Check, NotPlain, PlainRows, plain_number
from records.bulk.writer import Refused, Writer
from records.services import require_cleared, require_held
from threats.choices import (
    ActorPart,
    DatePrecision,
    GraveViolation,
    PlacePrecision,
    TimeOfDay,
    VictimGroup,
)
from threats.models import ArmedActor, Incident
from threats.models.sealing import sealed_by
from threats.rules.accounts import phone_in, tells
from threats.rules.classifying import usual_classification
from threats.rules.harm import is_against_civilians
from threats.rules.kinds import REFERRAL_ONLY, referral
from threats.spans import spread

LARGEST = 2**31 - 1  # of a column of counts
PART = {"actor", "part"}
PARTS, GROUPS = frozenset(ActorPart.values), frozenset(VictimGroup.values)
VIOLATIONS = frozenset(GraveViolation.values)
COUNTS = (
    "deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured", "abducted",
    "displaced",
)  # fmt: skip
# In the order of a line for COPY, behind row number, external id and digest.
COLUMNS = (
    "classification", "kind", "against_civilians", "said_against_civilians", "start_date", "end_date", "time_of_day",
    "date_precision", "place_name", "place_precision", *COUNTS, "victims", "grave_violations", "notes", "longitude",
    "latitude",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "time_of_day": TimeOfDay.UNKNOWN.value,
    "place_name": "", "place_precision": PlacePrecision.COUNTRY.value,
    "compartments": [], "victims": {}, "grave_violations": [], "notes": "", "longitude": None, "latitude": None, "parts": (),
    "said_against_civilians": None,
} | dict.fromkeys(COUNTS)  # fmt: skip


OF_THE_ROW = ("parts", "says_level", "says_compartments")  # nothing of the record's own


class IncidentRows(Writer):
    """Checks rows; the writer that stores them is ``IncidentWriter``."""

    def _prepare(self) -> None:
        """Read once what the rows are checked by."""
        self._today = self.mission.today
        grant = grants(self.user)[self.mission.pk]
        self._clearance, self._held = grant.clearance, grant.compartments
        self._sealed = sealed_by(self.user, self.mission.pk)
        self._actors = set(
            ArmedActor.objects.visible_to(self.user)
            .filter(mission=self.mission)
            .values_list("pk", flat=True)
        )
        fields = {name: field for name, field in self.fields.items() if name != "mission"}
        self._plain = PlainRows(
            fields,
            own={
                "victims": _victims_check(),
                "grave_violations": _violations,
                "compartments": self._compartments,
                "parts": self._parts,
            },
            beside=("mission", "source", "external_id"),
        )

    def _values(self, row: dict) -> dict:
        """What to store. Raises ValidationError of serializer or model, or Refused."""
        values = self._plainly_sound(row) or self._checked(row)
        if values["date_precision"] != DatePrecision.DAY:
            values["start_date"], values["end_date"] = spread(
                values["start_date"], values["end_date"], values["date_precision"], self._today
            )
        return values

    def _plainly_sound(self, row: dict) -> dict | None:
        """The values to store; None where anything at all is out of the ordinary."""
        said = self._plain.values(row)
        if said is None:
            return None
        values = DEFAULTS | said
        values.setdefault("end_date", values["start_date"])
        usual = usual_classification(values["kind"])
        values["says_compartments"] = "compartments" in row
        values["says_level"] = "classification" in values
        values.setdefault("classification", usual)
        _count_harm(values)
        is_sound = (
            values["kind"] not in REFERRAL_ONLY
            and values["start_date"] <= values["end_date"] <= self._today
            and values["classification"] <= max(self._clearance, usual)
            and not any(self._names_somebody(values[name]) for name in ("notes", "place_name"))
            and (values["longitude"] is None) == (values["latitude"] is None)
            and (
                "place_precision" in said
                or (values["longitude"] is None and not values["place_name"])
            )
        )
        return values if is_sound else None

    def _names_somebody(self, text: str) -> bool:
        return bool(phone_in(text)) or tells(
            text, self._sealed["names"], self._sealed["contacts"], is_whole=True
        )

    def _compartments(self, codes: Any) -> list[str]:
        """Those the user holds. Raises NotPlain."""
        if type(codes) is not list or not self._held.issuperset(map(str, codes)):
            raise NotPlain
        return in_order(codes)

    def _parts(self, parts: Any) -> list[tuple[int, str]]:
        """Actors the user may see, each with its part. Raises NotPlain."""
        if type(parts) is not list:
            raise NotPlain
        found = []
        for part in parts:
            if type(part) is not dict or part.keys() != PART:
                raise NotPlain
            actor, role = part["actor"], part["part"]
            if type(actor) is not int or type(role) is not str:
                raise NotPlain
            if actor not in self._actors or role not in PARTS:
                raise NotPlain
            found.append((actor, role))
        return found

    def _checked(self, row: dict) -> dict:
        """The same by the serializer and the model. Raises ValidationError of either, or Refused."""
        given = dict(self._checker.run_validation(self._own(row) | {"mission": self.mission.code}))
        given.pop("mission")
        parts = given.pop("parts", [])
        for actor, _part in parts:
            if actor.pk not in self._actors:
                raise Refused("parts", gettext("“%(name)s” belongs to another mission.")
                              % {"name": actor})  # fmt: skip
        values = {**DEFAULTS, **given}
        values.setdefault("end_date", values["start_date"])
        usual = usual_classification(values["kind"])
        require_held(self.user, self.mission, values["compartments"])
        values["compartments"] = in_order(values["compartments"])
        values["says_compartments"] = "compartments" in row
        values["says_level"] = "classification" in values
        values.setdefault("classification", usual)
        Incident(mission=self.mission).check_texts(values, self.user)
        stored = {name: values[name] for name in values if name not in OF_THE_ROW}
        _count_harm(values)
        Incident(mission=self.mission, **stored).full_clean(validate_constraints=False)
        if parts and values["kind"] in REFERRAL_ONLY:
            raise Refused("parts", referral())
        if values["classification"] > usual:
            require_cleared(self.user, self.mission, values["classification"])
        return values | {"parts": [(actor.pk, part) for actor, part in parts]}


def _count_harm(values: dict) -> None:
    """Store what was said, and what follows from it by the one rule."""
    said = values.pop("against_civilians", values["said_against_civilians"])
    values["said_against_civilians"] = said
    values["against_civilians"] = is_against_civilians(
        kind=values["kind"],
        civilian_deaths=values["civilian_deaths"],
        injured=values["injured"],
        said=said,
    )


def _violations(violations: Any) -> list[str]:
    if type(violations) is not list or not set(map(str, violations)) <= VIOLATIONS:
        raise NotPlain
    return violations


def _victims_check() -> Check:
    number = plain_number(0, LARGEST)

    def check(victims: Any) -> dict[str, int]:
        if type(victims) is not dict or not victims.keys() <= GROUPS:
            raise NotPlain
        return {group: number(count) for group, count in victims.items()}

    return check


def line_of(values: dict) -> str:
    """The values of COLUMNS as COPY has them."""
    victims = values["victims"]
    return "\t".join([
        str(int(values["classification"])), values["kind"],
        encode(values["against_civilians"]), encode(values["said_against_civilians"]),
        str(values["start_date"]),
        str(values["end_date"]), values["time_of_day"], values["date_precision"],
        encode_text(values["place_name"]), values["place_precision"],
        *[NULL if (n := values[name]) is None else str(n) for name in COUNTS],
        _victims(victims) if victims else "{}",
        "{" + ",".join(values["grave_violations"]) + "}", encode_text(values["notes"]),
        encode(values["longitude"]), encode(values["latitude"]),
    ])  # fmt: skip


def _victims(victims: dict[str, int]) -> str:
    return "{" + ",".join(f'"{group}":{victims[group]}' for group in sorted(victims)) + "}"
