"""Submissions of forms as flat answers; reading a file of them runs in a child process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext

from poc_portal.api.json_text import read_json
from poc_portal.tabular.names import sort_key
from poc_portal.tabular.report import BadValue, FileRefused

LONGEST_NAME = 1000  # characters of a question with the groups it stands in
MOST_QUESTIONS = 300  # of a submission, as columns of a file; groups may be as many besides
MOST_LETTERS = 60_000  # characters of all its questions, each with the groups it stands in
PIECE = 500  # rows sent at once


def flattened(submission: Any) -> dict[str, Any]:
    """Answers by their question, by the key ``sort_key`` gives it; a group's as group/question.

    Raises BadValue.
    """
    if not isinstance(submission, dict):
        raise BadValue(
            "non_field_errors", "", gettext("A submission is an object of questions and answers.")
        )
    found: dict[str, Any] = {}
    questions = letters = 0

    def walk(part: dict, path: str) -> None:
        nonlocal questions, letters
        for name, value in part.items():
            whole = f"{path}{name}"
            if len(whole) > LONGEST_NAME:
                raise BadValue(
                    "non_field_errors", "",
                    gettext("The question “%(name)s…” has too long a name; in characters it may have %(most)d.")
                    % {"name": whole[:60], "most": LONGEST_NAME},
                )  # fmt: skip
            questions += 1
            letters += len(whole)
            # Every question repeats the groups it stands in, so a small body could become a large one.
            if (
                questions > 2 * MOST_QUESTIONS
                or len(found) >= MOST_QUESTIONS
                or letters > MOST_LETTERS
            ):
                raise BadValue(
                    "non_field_errors", "",
                    gettext("A submission has at most %(most)d questions, whose names have %(letters)d characters together.")
                    % {"most": MOST_QUESTIONS, "letters": MOST_LETTERS},
                )  # fmt: skip
            is_place = isinstance(value, dict) and "coordinates" in value
            if isinstance(value, dict) and not is_place:
                walk(value, f"{whole}/")
            else:
                found[whole] = value

    walk(submission, "")
    return {sort_key(name): value for name, value in found.items()}


def pieces_of(
    stream: IO[bytes], name: str, limits: dict, most_rows: int, most_columns: int
) -> Iterator[Any]:
    """The headers, then rows in lists: number and values. Raises FileRefused."""
    try:
        given = read_json(stream.read())
        if isinstance(given, dict):
            given = next((given[key] for key in ("results", "value") if key in given), [given])
        submissions = given if isinstance(given, list) else [given]
        rows = [flattened(submission) for submission in submissions[: most_rows + 1]]
    except ValueError as error:
        raise FileRefused(f"{name}: {error}") from None
    headers = list(dict.fromkeys(key for row in rows for key in row))[:most_columns]
    yield headers
    for start in range(0, len(rows), PIECE):
        yield [
            (number, [row.get(key) for key in headers])
            for number, row in enumerate(rows[start : start + PIECE], start + 1)
        ]
