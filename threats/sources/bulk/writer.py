"""Incidents by the thousand, at the speed of the database.

A row that is plainly sound is taken as it is; any other goes through the serializer and the
model's own checks, which alone decide and say what is wrong. Then one statement stores them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Max
from django.utils import timezone
from django.utils.translation import gettext

from missions.access import grants, may_create
from missions.geography import Place
from missions.need_to_know import in_order, layer_of
from missions.services import areas_of
from poc_portal.postgres.copy_text import copy_lines, encode, encode_text
from poc_portal.postgres.locks import Lock, lock_until_commit
from poc_portal.tabular.report import CHANGED, CREATED, HELD, REFUSED, UNCHANGED, Outcome, Report
from records.bulk.writer import REFUSALS, Identifiers, plain_row, problems
from records.declassifying import lowers_nothing
from records.namesakes import known_to
from records.upsert import storing
from threats.models import Incident, IncidentActor, IncidentSource
from threats.rules.classifying import OTHERWISE, require_least, usual_classification
from threats.rules.kinds import REFERRAL_ONLY, require_only_referred
from threats.scoring.record import note_span
from threats.services.storing import FEW, IS_HELD, PLACE_COLUMNS, Stored, places_of
from threats.sources.bulk.rows import COLUMNS, IncidentRows, line_of
from threats.sources.formats import FORMATS


class IncidentWriter(IncidentRows):
    """Stores a call's rows in one statement."""

    def store(self, rows: Iterable[Any], *, keep_good: bool, dry_run: bool = False) -> Report:
        report = Report()
        with (
            storing(report, all_or_nothing=not keep_good, dry_run=dry_run),
            connection.cursor() as cursor,
        ):
            # As imports do: a second writer waits, and finds what the first stored.
            lock_until_commit(Lock.IMPORT, self.mission.pk)
            outcomes = self._read(rows)
            if keep_good or len(self._good) == len(outcomes):
                self._write(cursor, outcomes)
            for outcome in outcomes:
                report.answer(outcome)
        return report

    # -- reading ------------------------------------------------------------------------------

    def _read(self, rows: Iterable[Any]) -> list[Outcome]:
        self._prepare()
        self._good: list[tuple[int, str, dict]] = []
        outcomes = []
        identifiers = Identifiers(100)
        for number, row in enumerate(rows):
            outcome = Outcome(number, REFUSED)
            outcomes.append(outcome)
            try:
                row = plain_row(row, self.mission, self.source)
                outcome.external_id = identifiers.take(number, row)
                values = self._values(row)
            except REFUSALS as error:
                outcome.errors = problems(error)
            else:
                outcome.status = CREATED  # until the table says otherwise
                self._good.append((number, outcome.external_id, values))
        return outcomes

    # -- storing ------------------------------------------------------------------------------

    def _write(self, cursor, outcomes: list[Outcome]) -> None:
        texts = [line_of(values) for _number, _external, values in self._good]
        digests = {
            external: hashlib.blake2b(
                f"{text}\t{values['parts']}{_said(values)}".encode(), digest_size=16
            ).hexdigest()
            for text, (_number, external, values) in zip(texts, self._good, strict=True)
        }
        known = self._known_already(list(digests))
        self._apart = self._beside_hidden(list(digests))
        self._named_sources = set(
            IncidentSource.objects.filter(incident__in=[row["id"] for row in known.values()])
            .exclude(informant=None)
            .values_list("incident_id", flat=True)
        )
        limited = grants(self.user)[self.mission.pk].field_offices
        may_make = may_create(self.user, Incident, self.mission)
        new, changed, parts = [], [], []
        for text, place, (number, external, values) in zip(
            texts, self._places(), self._good, strict=True
        ):
            outcome, stored = outcomes[number], known.get(external)
            if stored is None and not may_make:
                self._refuse(outcome, gettext("Your role in this mission does not allow this."))
                continue
            if limited and place.office_id not in limited:
                self._refuse(outcome, gettext("Your membership is limited to other field offices."))
                continue
            line = (
                f"{encode_text(external)}\t{digests[external]}\t{text}\t{encode(place.area_id)}"
                f"\t{encode(place.office_id)}\t{'t' if place.is_nearest else 'f'}"
            )
            if stored is None:
                held = _array(values["compartments"])
                new.append(f"{line}\t{held}\t{self._apart.get(external, 0)}")
            elif stored["digest"] == digests[external]:
                outcome.status = UNCHANGED
                outcome.id = stored["id"] if stored["editable"] else None
                continue
            elif stored["held"]:
                outcome.status = HELD
                continue
            elif not stored["editable"]:
                self._refuse(outcome, gettext("This record is not yours to change."))
                continue
            elif lowered := self._lowers(values, stored):
                outcome.status = REFUSED
                outcome.errors = [{"field": lowered, "message": lowers_nothing()}]
                continue
            elif errors := self._unfit(stored["id"], values):
                outcome.status, outcome.errors = REFUSED, errors
                continue
            else:
                outcome.status, outcome.id = CHANGED, stored["id"]
                held = _array({*values["compartments"], *stored["compartments"]})
                line = self._line(line, text, values, stored)
                changed.append(f"{stored['id']}\t{line}\t{held}\n")
            parts += [(number, actor, part) for actor, part in values["parts"]]
        if new or changed:
            self._store_lines(cursor, new, changed, parts, outcomes)

    def _line(self, line: str, text: str, values: dict, stored: dict) -> str:
        """The line of a record that changes: a row lowers no level unless it says one itself."""
        level = values["classification"]
        if not values["says_level"]:
            level = stored["classification"]
            if values["kind"] != stored["kind"]:
                level = max(level, usual_classification(values["kind"]))
            if stored["id"] in self._named_sources:
                level = max(level, OTHERWISE)
        elif self.never_lowers:
            level = max(level, stored["classification"])
        return line.replace(text, line_of(values | {"classification": level}), 1)

    def _lowers(self, values: dict, stored: dict) -> str:
        """The field by which a row would show the record on file to more people: that takes a
        reason. Empty for none."""
        if self.never_lowers:
            return ""
        if values["says_level"] and values["classification"] < stored["classification"]:
            return "classification"
        leaves = not set(stored["compartments"]) <= set(values["compartments"])
        return "compartments" if values["says_compartments"] and leaves else ""

    def _unfit(self, key: int, values: dict) -> list[dict[str, str]]:
        """What of a row does not go with the informants and actors on record, as of one edited."""
        is_sealed = key in self._named_sources
        try:
            require_only_referred(
                values["kind"],
                names_actor=bool(values["parts"]),
                names_informant=is_sealed,
            )
            if is_sealed:
                if values["says_level"] and not self.never_lowers:
                    require_least(values["classification"])
                Incident(pk=key, mission=self.mission).check_texts(values, self.user)
        except ValidationError as error:
            return problems(error)
        return []

    @staticmethod
    def _refuse(outcome: Outcome, message: str) -> None:
        outcome.status = REFUSED
        outcome.errors = [{"field": "non_field_errors", "message": message}]

    def _named(self, identifiers: list[str]):
        # Said to be not empty, so that the index of those that are not may be used.
        return (
            Incident.objects.filter(
                mission=self.mission, dataset=self.source, external_id__in=identifiers
            )
            .exclude(external_id="")
            .filter(known_to(Incident, self.user))
            .order_by("-namesake")
        )

    def _beside_hidden(self, identifiers: list[str]) -> dict[str, int]:
        """The next ``namesake`` of each identifier that records bear, hidden ones too."""
        rows = Incident.objects.filter(
            mission=self.mission, dataset=self.source, external_id__in=identifiers
        ).exclude(external_id="")
        last = rows.order_by().values("external_id").annotate(last=Max("namesake"))
        return {row["external_id"]: row["last"] + 1 for row in last}

    def _known_already(self, identifiers: list[str]) -> dict[str, dict]:
        mine = self._named(identifiers)
        if not mine.exists():
            return {}
        editable = set(
            Incident.objects.editable_by(self.user)
            .filter(pk__in=mine.values("pk"))
            .values_list("pk", flat=True)
        )
        rows = (
            mine.select_for_update()
            .annotate(is_held=ExpressionWrapper(IS_HELD, BooleanField()))
            .values("pk", "external_id", "import_digest", "is_held", "kind", "classification",
                    "compartments")
        )  # fmt: skip
        return {
            row["external_id"]: {
                "id": row["pk"],
                "digest": row["import_digest"].hex if row["import_digest"] else "",
                "held": row["is_held"],
                "editable": row["pk"] in editable,
                "kind": row["kind"],
                "classification": row["classification"],
                "compartments": row["compartments"],
            }
            for row in rows
        }

    def _places(self) -> list[Place]:
        """Area and field office of each good row; those of nowhere for a row without a point."""
        points = [
            None if values["longitude"] is None else (values["longitude"], values["latitude"])
            for _number, _external, values in self._good
        ]
        return places_of(areas_of(self.mission), points)

    def _store_lines(self, cursor, new, changed, parts, outcomes: list[Outcome]) -> None:
        stored = Stored(self.mission, few=len(new) + len(changed) <= FEW)
        before = _keys(outcomes, CHANGED)
        stored.before(before)
        if changed:
            self._change(cursor, changed, before)
        if new:
            self._add(cursor, new, outcomes)
        copy_lines(
            cursor,
            "threats_incidentactor",
            ("incident_id", "actor_id", "part"),
            (
                f"{outcomes[number].id}\t{actor}\t{part}\n"
                for number, actor, part in sorted(set(parts))
            ),
        )
        stored.after(created=_keys(outcomes, CREATED), changed=before)
        if self.source in FORMATS:
            self._note_days()

    def _note_days(self) -> None:
        """Rows of a dataset tell of its days, by whatever way they come."""
        rows = [values for _number, _external, values in self._good]
        first = min(values["start_date"] for values in rows)
        last = max(values["end_date"] for values in rows)
        lowest = min(layer_of(row["classification"], row["compartments"]) for row in rows)
        note_span(self.mission, self.source, *FORMATS[self.source].tells_of(first, last), lowest)

    def _add(self, cursor, lines: list[str], outcomes: list[Outcome]) -> None:
        now = timezone.now()
        fixed = {
            "mission_id": self.mission.pk, "dataset": self.source, "created_by_id": self.user.pk,
            "created_at": now, "modified_at": now, "attribution": "", "edited_by_hand": False,
            "is_demonstration": False, "withdrawn_reason": "",
        }  # fmt: skip
        rest = "\t".join(map(encode, fixed.values()))
        columns = (
            "external_id",
            "import_digest",
            *COLUMNS,
            *PLACE_COLUMNS,
            "compartments",
            "namesake",
            *fixed,
        )
        copy_lines(cursor, "threats_incident", columns, (f"{line}\t{rest}\n" for line in lines))
        added = {outcome.external_id: outcome for outcome in outcomes if outcome.status == CREATED}
        for key, external in self._named(list(added)).values_list("pk", "external_id"):
            added[external].id = key

    def _change(self, cursor, lines: list[str], before: list) -> None:
        columns = ("external_id", "import_digest", *COLUMNS, *PLACE_COLUMNS, "compartments")
        names = ", ".join(columns)
        cursor.execute(
            f"CREATE TEMP TABLE bulk_rows ON COMMIT DROP AS SELECT id, {names} "
            "FROM threats_incident LIMIT 0"
        )
        copy_lines(cursor, "bulk_rows", ("id", *columns), iter(lines))
        updates = ", ".join(f"{name} = r.{name}" for name in columns)
        cursor.execute(
            f"UPDATE threats_incident i SET {updates}, modified_at = %s FROM bulk_rows r "
            "WHERE r.id = i.id",
            [timezone.now()],
        )
        cursor.execute(
            "DELETE FROM threats_incidentactor WHERE incident_id = ANY(%s) AND actor_id = ANY(%s)",
            [before, list(self._actors)],  # what the user cannot see stays as it is
        )
        # Of a report that is only referred nobody's part stays.
        IncidentActor.objects.filter(incident__in=before, incident__kind__in=REFERRAL_ONLY).delete()
        cursor.execute("DROP TABLE bulk_rows")


def _said(values: dict) -> str:
    """What a row says of compartments; nothing, as of old, where it says none of it."""
    return "=" + ",".join(values["compartments"]) if values["says_compartments"] else ""


def _array(codes: Iterable[str]) -> str:
    return "{" + ",".join(in_order(codes)) + "}"


def _keys(outcomes: list[Outcome], *statuses: str) -> list[int]:
    return [o.id for o in outcomes if o.status in statuses and o.id is not None]
