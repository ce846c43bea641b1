"""ACLED's API: what was uploaded or changed since the last run, page by page, and what was deleted.

OAuth password grant at /oauth/token, records at /api/acled/read, deletions at /api/deleted/read
(ACLED's API documentation, 2025). Pages are numbered and shift while the data changes, so each run
begins some days before the last one's newest upload; what comes twice changes nothing.
"""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pycountry
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from threats.sources.formats.acled import COLUMNS
from threats.sources.pulls.download import request
from threats.sources.pulls.source import Source
from threats.sources.pulls.step import Step, Unavailable

if TYPE_CHECKING:
    from threats.models import Pull

PAGE = 5_000  # records, the most the API gives
UPLOAD_LAG = datetime.timedelta(days=7)  # an upload tells of the week before and what preceded it
OVERLAP = 7 * 24 * 3600  # seconds
UNAUTHORISED, FORBIDDEN = 401, 403


def steps(pull: Pull, folder: Path) -> Iterator[Step]:
    """Pages of each of the mission's countries. Raises Unavailable.

    ``place``: ``uploaded`` and ``deleted``, up to when the last whole run knew; of a run under
    way ``country`` (its number), ``page`` and ``newest``.
    """
    caller = Caller(pull.account, pull.password)
    place = dict(pull.place)
    while True:
        countries = pull.mission.countries
        number, page = place.get("country", 0), place.get("page", 1)
        if number >= len(countries):
            break
        rows = caller.read(
            "acled",
            {
                "iso": _number_of(countries[number]),
                "event_date": f"{pull.since}|{pull.mission.today}",
                "event_date_where": "BETWEEN",
                "timestamp": max(place.get("uploaded", 0) - OVERLAP, 0),
                "timestamp_where": ">=",
            },
            page,
        )
        newest = max([place.get("newest", 0), *(_moment(row.get("timestamp")) for row in rows)])
        is_last = len(rows) < PAGE
        place |= {"newest": newest, "country": number + is_last, "page": 1 if is_last else page + 1}
        name = f"{countries[number]} {page}"
        yield Step(name, dict(place), "acled", _as_file(rows, folder) if rows else None)
    deleted = caller.read(
        "deleted",
        {"deleted_timestamp": place.get("deleted", 0), "deleted_timestamp_where": ">"},
        1,
    ) if "deleted" in place else []  # fmt: skip
    moments = [_moment(row.get("deleted_timestamp")) for row in deleted]
    newest = max(place.get("newest", 0), place.get("uploaded", 0))
    gone = [str(row.get("event_id_cnty", "")) for row in deleted]
    last = max([place.get("deleted", newest), *moments])
    yield Step(
        "deleted", {"uploaded": newest, "deleted": last}, "acled", vanished=gone,
        told=_told(pull, newest),
    )  # fmt: skip


def _told(pull: Pull, newest: int) -> tuple[datetime.date, datetime.date] | None:
    """The days a whole run tells of; None where nothing was ever uploaded."""
    uploaded = datetime.datetime.fromtimestamp(newest, datetime.UTC).date() - UPLOAD_LAG
    return (pull.since, uploaded) if newest and uploaded >= pull.since else None


class Caller:
    """Calls the API under one account; signs in when first needed, and again when told to."""

    def __init__(self, account: str, password: str):
        self._account, self._password = account, password
        self._token = ""

    def read(self, endpoint: str, query: dict[str, Any], page: int) -> list[dict]:
        """Records of one page. Raises Unavailable."""
        parameters = urlencode(query | {"_format": "json", "limit": PAGE, "page": page})
        address = f"{SOURCE.address}/api/{endpoint}/read?{parameters}"
        status, body = 0, b""
        for _try in range(2):
            if not self._token:
                self._sign_in()
            status, body = request("GET", address, {"Authorization": f"Bearer {self._token}"})
            if status != UNAUTHORISED:
                break
            self._token = ""
        if status in (UNAUTHORISED, FORBIDDEN):
            raise Unavailable(gettext("ACLED gives this account no access to its API."))
        found = _json(status, body)
        if not isinstance(found.get("data"), list) or found.get("success") is False:
            said = str(found.get("message") or found.get("error") or found.get("messages"))[:200]
            raise Unavailable(gettext("ACLED answered: %(said)s") % {"said": said})
        return [row for row in found["data"] if isinstance(row, dict)]

    def _sign_in(self) -> None:
        form = {"username": self._account, "password": self._password, "grant_type": "password",
                "client_id": "acled"}  # fmt: skip
        status, body = request(
            "POST", f"{SOURCE.address}/oauth/token",
            {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode(),
        )  # fmt: skip
        if status in (400, UNAUTHORISED, FORBIDDEN):
            raise Unavailable(gettext("ACLED refused the account or its password."))
        self._token = str(_json(status, body).get("access_token", ""))
        if not self._token:
            raise Unavailable(gettext("ACLED gave no access token."))


def _json(status: int, body: bytes) -> dict:
    if status != 200:
        raise Unavailable(gettext("ACLED answered with status %(status)d.") % {"status": status})
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable(gettext("ACLED answered with something that is not JSON."))
    return found


def _moment(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0


def _as_file(rows: list[dict], folder: Path) -> Path:
    """The rows in the layout of ACLED's own export."""
    path = folder / "acled.csv"
    names = [name for name in COLUMNS if any(name in row for row in rows)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            values = (row.get(name) for name in names)
            writer.writerow(["" if value is None else value for value in values])
    return path


def _number_of(country: str) -> int:
    """ISO 3166-1 number of a country by its three letters."""
    found: Any = pycountry.countries.get(alpha_3=country)
    return int(found.numeric)


SOURCE = Source(
    code="acled",
    label=_("ACLED"),
    about=_(
        "ACLED publishes every week and corrects what it published. Its terms allow use within the "
        "mission; an account of the mission's own is needed."
    ),
    steps=steps,
    setting="ACLED_URL",
    server="https://acleddata.com",
    asks_for_account=True,
)
