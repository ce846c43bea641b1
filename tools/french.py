"""French typography of the catalogues: run by ``make messages``, so that nobody has to type it.

The apostrophe is ’, and a space that does not break stands before : ; ? ! and within « ».
Placeholders and text of code hold none of these, and stay as they are.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = ROOT / "locale/fr/LC_MESSAGES/django.po"
TITLES = ROOT / "strategies/data/catalogue/titles.fr.csv"
RULES = (
    (re.compile(r"(?<=[^\W\d_])'(?=[\w%«])"), "’"),
    (re.compile(r"(?<=\S) (?=[:;?!»])"), "\xa0"),
    (re.compile(r"(?<=«) "), "\xa0"),
)


def set_right(text: str) -> str:
    """The text as French is printed."""
    for pattern, right in RULES:
        text = pattern.sub(right, text)
    return text


def main() -> None:
    lines, is_french = [], False
    for line in MESSAGES.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.startswith('"'):
            is_french = line.startswith("msgstr")
        lines.append(set_right(line) if is_french else line)
    MESSAGES.write_text("".join(lines), encoding="utf-8")
    TITLES.write_text(set_right(TITLES.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
