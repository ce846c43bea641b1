"""Files people bring: mapped, tried on their first rows, then brought in by the worker.

What is to be brought in is a row of the database; a message only wakes the worker, and the rows of
a file and the word that they are in stand or fall in one transaction.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from exchange.intake.columns import guess, labels_of
from exchange.intake.mapping import Taker, targets
from exchange.intake.reading import read_file
from exchange.models import Intake, IntakeFile
from missions.access import can, may_edit, require, secrecy_of
from missions.models import Mission, User
from missions.need_to_know import in_order
from missions.roles import Capability
from poc_portal.celery import wake
from poc_portal.tabular import FileRefused, Report
from records.queue import Queue
from records.services import create_record, require_cleared, require_held, update_record

TRIED = 20  # first rows a preview shows
RETENTION = datetime.timedelta(days=7)  # a file nobody touches
State = IntakeFile.State


def bring_file(
    *,
    user: User,
    mission: Mission,
    upload: UploadedFile,
    intake: Intake | None = None,
    resource: str = "",
    source: str = "",
    classification: int = 0,
    compartments: Iterable[str] = (),
) -> IntakeFile:
    """Keep a file to be mapped, through an intake or by a first guess. Raises ValidationError."""
    require(can(user, mission, Capability.BRING_IN))
    if intake is not None:
        resource, source = intake.resource, intake.name
        classification, compartments = intake.classification, intake.compartments
    elif resource not in targets():
        raise ValidationError({"resource": gettext("Choose what its rows become.")})
    require_cleared(user, mission, classification)
    require_held(user, mission, compartments)
    try:
        found = read_file(upload)
    except FileRefused as refusal:
        raise ValidationError({"file": str(refusal)}) from None
    file = IntakeFile(
        mission=mission, owner=user, intake=intake, file_name=(upload.name or "")[:255],
        source=source.strip(), resource=resource, classification=classification,
        compartments=in_order(compartments),
        contents=json.dumps({"headers": found.headers, "rows": found.rows}, ensure_ascii=False),
        rows=len(found.rows), notes=found.notes,
    )  # fmt: skip
    if intake is not None:
        file.mapping = intake.mapping
    else:
        file.mapping = guess(
            Taker(intake_of(file), user), found.headers, [row for _line, row in found.rows[:500]],
            found.tags,
        )  # fmt: skip
    file.full_clean(exclude=["contents", "mapping", "notes", "counts"])
    file.save()
    return file


def intake_of(file: IntakeFile) -> Intake:
    """An intake that is not kept, of what a file in hand says; no less secret than the one it came
    through is by now."""
    level, held = (0, []) if file.intake is None else secrecy_of(file.intake)
    return Intake(
        mission=file.mission, name=file.source, resource=file.resource,
        mapping=file.mapping, classification=max(file.classification, level),
        compartments=in_order([*file.compartments, *held]),
    )  # fmt: skip


def headers_of(file: IntakeFile) -> list[str]:
    return json.loads(file.contents)["headers"] if file.contents else []


def submissions_of(file: IntakeFile) -> Iterator[dict[str, Any]]:
    """The rows as answers by header."""
    contents = json.loads(file.contents)
    for _line, values in contents["rows"]:
        yield dict(zip(contents["headers"], values, strict=True))


def row_numbers_of(file: IntakeFile) -> Iterator[int]:
    """Where each row stands in the file, as it counts them."""
    return (line for line, _values in json.loads(file.contents)["rows"])


def set_mapping(file: IntakeFile, mapping: dict[str, dict]) -> None:
    """Raises ValidationError."""
    file.mapping = mapping
    intake_of(file).clean()
    file.state, file.due_at = State.DRAFT, None
    file.save()


def preview(file: IntakeFile, taker: Taker) -> Report:
    """What would become of the first rows; nothing is stored."""
    return taker.take(islice(submissions_of(file), TRIED), name_rows=True, dry_run=True)


@transaction.atomic
def ask(file: IntakeFile, *, user: User, keep_good: bool) -> None:
    """Have the worker bring the file in, and keep its mapping for the next. Raises ValidationError."""
    intake_of(file).clean()
    file.intake = _saved_intake(file, user)
    file.keep_good, file.language = keep_good, get_language() or ""
    file.state, file.tries, file.finished_at = State.WAITING, 0, None
    file.due_at, file.leased_until = timezone.now(), None
    file.counts, file.problems = {}, ""
    file.save()
    wake("exchange.tasks.take_files")


def _saved_intake(file: IntakeFile, user: User) -> Intake:
    if file.intake is None:
        return create_record(
            Intake, user=user, mission=file.mission, name=file.source, resource=file.resource,
            mapping=file.mapping, classification=file.classification,
            compartments=file.compartments,
        )  # fmt: skip
    if file.intake.mapping != file.mapping and may_edit(user, file.intake):
        return update_record(file.intake, user=user, mapping=file.mapping)
    return file.intake


def take_files() -> int:
    """Bring in what was asked for; how many files. Safe to run twice at once, and to be killed."""
    return FILES.drain(IntakeFile.objects.filter(state=State.WAITING), _take)


def _take(file: IntakeFile) -> bool:
    """Rows and the word that they are in stand or fall together."""
    with transaction.atomic():
        FILES.hold(file)
        with override(file.language or None):
            report = Taker(intake_of(file), file.owner).take(
                submissions_of(file), keep_good=file.keep_good, name_rows=True
            )
        FILES.done(file, **_outcome(report))
    return True


def _outcome(report: Report) -> dict[str, Any]:
    now = timezone.now()
    return {
        "state": State.DONE if report.stored else State.REFUSED,
        "counts": report.counts,
        "problems": json.dumps([[refused.row, refused.errors] for refused in report.refusals]),
        "finished_at": now,
        "modified_at": now,
    }


def _given_up(file: IntakeFile) -> None:
    now = timezone.now()
    IntakeFile.objects.filter(pk=file.pk).update(
        state=State.FAILED, finished_at=now, modified_at=now
    )


# Tried again at once, for somebody waits; a database that is away lets the lease run out first.
FILES = Queue("file", lease=15, waits=(0, 0), given_up=_given_up)


def problems_of(file: IntakeFile, user: User) -> list[tuple[int, int, list[str]]]:
    """Of each refused row: its index, the line in the file, and what was wrong."""
    if not file.problems or not file.contents:
        return []
    lines = [line for line, _values in json.loads(file.contents)["rows"]]
    labels = labels_of(Taker(intake_of(file), user))
    return [(row, lines[row], said(errors, labels)) for row, errors in json.loads(file.problems)]


def said(errors: list[dict[str, str]], labels: dict[str, str]) -> list[str]:
    """Messages under the names people know the fields by."""
    return [
        f"{labels[error['field']]}: {error['message']}"
        if error["field"] in labels
        else error["message"]
        for error in errors
    ]


def forget_file(file: IntakeFile) -> None:
    """Drop a file at its owner's word."""
    file.delete()


def forget_files() -> None:
    """Drop what files held that nobody touched for some days; what became of them stays."""
    old = IntakeFile.objects.filter(modified_at__lt=timezone.now() - RETENTION)
    old.filter(state=State.DRAFT).delete()
    old.exclude(state=State.WAITING).exclude(contents=b"").update(contents="", problems="")
