"""UCDP Georeferenced Event Dataset, versions 17 to 25, and its monthly candidate files.

Codebook: Högbladh, "UCDP GED Codebook". Violence against civilians by the one rule of
``threats.rules.harm``: type of violence 3 (one-sided) is a kind that counts.
"""

from __future__ import annotations

from functools import lru_cache

from poc_portal.tabular import count, number, text
from threats.choices import SETTLED, ActorPart, DatePrecision, PlacePrecision
from threats.rules.kinds import taken_from
from threats.rules.names import kind_of_actor
from threats.sources.formats.record import (
    ActorName,
    Format,
    IncidentRow,
    code,
    date_of,
    ordered,
)

COLUMNS = (
    "id", "type_of_violence", "side_a", "side_b", "where_prec", "latitude", "longitude",
    "date_prec", "date_start", "date_end", "deaths_civilians", "deaths_unknown",
)  # fmt: skip
# Read where a version has them; the first name found counts.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "side_a_id": ("side_a_new_id", "side_a_dset_id"),
    "side_b_id": ("side_b_new_id", "side_b_dset_id"),
    "best": ("best", "best_est"),
    "high": ("high", "high_est"),
    "low": ("low", "low_est"),
    "place": ("where_coordinates",),
    "description": ("where_description",),
    "headline": ("source_headline",),
    "article": ("source_article",),
}
PLACES = {
    "1": PlacePrecision.EXACT,
    "2": PlacePrecision.NEAR,
    "3": PlacePrecision.DISTRICT,
    "4": PlacePrecision.PROVINCE,
    "5": PlacePrecision.LINEAR,
    "6": PlacePrecision.COUNTRY,
    "7": PlacePrecision.COUNTRY,  # international waters or airspace: no place on land
}
DATES = {
    "1": DatePrecision.DAY,
    "2": DatePrecision.DAYS,
    "3": DatePrecision.WEEK,
    "4": DatePrecision.MONTH,
    "5": DatePrecision.LONGER,
}
TYPES = {"1": "state-based", "2": "non-state", "3": "one-sided"}
KINDS = {TYPES[code]: kinds for (code, _detail), kinds in taken_from("ucdp").items()}


def civilian_deaths(civilians: int | None, unknown: int | None) -> int | None:
    """Known civilian deaths: a count of 0 beside deaths of unknown side says nothing."""
    if not civilians and unknown:
        return None
    return civilians


@lru_cache(maxsize=10_000)
def _actor(identifier: str, name: str, column: str) -> ActorName:
    plain = text(column, name, 200, required=True)
    return ActorName(identifier.strip() or plain, plain, kind_of_actor(plain))


def record(cells: tuple[str, ...]) -> IncidentRow:
    (
        event_id, violence, side_a, side_b, where_prec, latitude, longitude, date_prec,
        date_start, date_end, civilians, unknown, id_a, id_b, best, high, low, place,
        description, headline, article,
    ) = cells  # fmt: skip
    kind_of_violence = code("type_of_violence", violence, TYPES)
    one_sided = kind_of_violence == "one-sided"
    start = date_of("date_start", date_start)
    end = date_of("date_end", date_end)
    ordered("date_end", start, end)
    precision = code("where_prec", where_prec, PLACES)
    is_nowhere = precision == PlacePrecision.COUNTRY and not latitude.strip()
    lon = None if is_nowhere else number("longitude", longitude, -180, 180)
    lat = None if is_nowhere else number("latitude", latitude, -90, 90)
    killed = count("deaths_civilians", civilians)
    dead_civilians = civilian_deaths(killed, count("deaths_unknown", unknown))
    best_estimate = count("best", best)
    kind = KINDS[kind_of_violence][bool(best_estimate)]
    if one_sided:
        parts: tuple = ((_actor(id_a, side_a, "side_a"), ActorPart.PERPETRATOR),)
    else:
        parts = tuple(
            (_actor(identifier, name, column), ActorPart.PARTY)
            for identifier, name, column in ((id_a, side_a, "side_a"), (id_b, side_b, "side_b"))
            if name != "Civilians"
        )
    notes = [part for part in (description.strip(), headline.strip()) if part]
    return IncidentRow(
        external_id=text("id", event_id, 100, required=True),
        kind=kind,
        against_civilians=None,  # by kind and civilian deaths
        start_date=start,
        end_date=end,
        date_precision=code("date_prec", date_prec, DATES),
        place_name=text("where_coordinates", place, 250),
        longitude=lon,
        latitude=lat,
        place_precision=precision,
        deaths=(count("low", low), best_estimate, count("high", high), dead_civilians),
        notes="\n".join(notes),
        attribution=article.strip(),
        actors=tuple(dict.fromkeys(parts)),
        is_settlement=precision in SETTLED and bool(place.strip()),
        is_non_state=kind_of_violence == "non-state",
    )


FORMAT = Format(
    "ucdp", "UCDP GED", "id", ("date_start", "date_end"), COLUMNS, record, OPTIONAL,
    names_coalitions_with_commas=True, whole_months=True,
)  # fmt: skip
