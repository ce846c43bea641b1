"""Many rows at once, by PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

NULL = "\\N"


def encode(value) -> str:
    """One value in COPY's text format."""
    if value is None:
        return NULL
    if value is True:
        return "t"
    if value is False:
        return "f"
    return encode_text(value) if isinstance(value, str) else str(value)


def encode_text(text: str) -> str:
    """Text in COPY's text format."""
    if text.isprintable() and "\\" not in text:
        return text
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text


class _Stream:
    """What psycopg2 reads from: text lines made as they are asked for."""

    def __init__(self, lines: Iterator[str]):
        self._lines = lines
        self._rest = ""

    def read(self, size: int = -1) -> str:
        parts, length = [self._rest], len(self._rest)
        while length < size:
            line = next(self._lines, None)
            if line is None:
                break
            parts.append(line)
            length += len(line)
        text = "".join(parts)
        self._rest = text[size:]
        return text[:size]


def copy_lines(cursor, table: str, columns: Iterable[str], lines: Iterator[str]) -> None:
    """Stream ready-made COPY lines (each with its line end) into ``table``."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    cursor.copy_expert(f'COPY "{table}" ({quoted}) FROM STDIN', _Stream(lines), size=1 << 18)


def copy_rows(cursor, table: str, columns: Iterable[str], rows: Iterable[tuple]) -> None:
    """Stream tuples into ``table``; None is null."""
    copy_lines(cursor, table, columns, ("\t".join(map(encode, row)) + "\n" for row in rows))
