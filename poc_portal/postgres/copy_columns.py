"""Whole columns to and from PostgreSQL in its binary COPY format, without a step per row.

Every value has a fixed width and none is null, so a row is a NumPy record and a table one array:
https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format".
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER = SIGNATURE + bytes(8)  # no flags, no extension
TRAILER = b"\xff\xff"
WIDTHS = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float8": ">f8", "bool": "?"}
FLOAT8_OID = 701


def read_columns(cursor, query: str, kinds: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Columns of a query by name, in the order of ``kinds`` (name → int2, int4, int8, float8…).

    ``float8[n]`` gives an array of shape (rows, n). Raises ValueError when a value is null or
    of another type.
    """
    buffer = io.BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", buffer, size=1 << 20)
    record, fixed = _record(kinds)
    view = buffer.getbuffer()
    rows: Any = np.frombuffer(view[len(HEADER) : -len(TRAILER)].tobytes(), np.uint8)
    if len(rows) % record.itemsize:
        raise ValueError("a column is null or of another type than asked for")
    rows = rows.view(record)
    for name, value in fixed.items():
        if len(rows) and (rows[name] != np.array(value, record[name])).any():
            raise ValueError(f"{name}: a column is null or of another type than asked for")
    found = {}
    for name, kind in kinds.items():
        column = rows[name]
        values = column["value"] if _length(kind) else column
        found[name] = values.astype(values.dtype.newbyteorder("="))
    return found


Columns = Mapping[str, tuple[str, np.ndarray]]


def write_columns(cursor, table: str, *blocks: Columns) -> None:
    """Append rows to ``table``; a block maps name → (kind, values of shape (rows,) or (rows, n)).

    All blocks name the same columns in the same order. A column of kind ``null`` is null
    throughout its block, whatever its values.
    """
    names = ", ".join(f'"{name}"' for name in blocks[0])
    buffer = io.BytesIO(b"".join([HEADER, *map(_rows_of, blocks), TRAILER]))
    cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', buffer, size=1 << 20)


def split_by_null(columns: Columns, name: str) -> list[dict]:
    """The rows in two blocks: those whose float column ``name`` is a number, and those NaN."""
    missing = np.isnan(columns[name][1])
    blocks = []
    for chosen, is_null in ((~missing, False), (missing, True)):
        block = {key: (kind, values[chosen]) for key, (kind, values) in columns.items()}
        if is_null:
            block[name] = ("null", block[name][1])
        blocks.append(block)
    return blocks


def _rows_of(columns: Columns) -> bytes:
    record, fixed = _record({name: kind for name, (kind, _values) in columns.items()})
    rows = np.zeros(len(next(iter(columns.values()))[1]), record)
    for name, value in fixed.items():
        rows[name] = value
    for name, (kind, values) in columns.items():
        if _length(kind):
            rows[name]["length"] = 8
            rows[name]["value"] = values
        elif kind != "null":
            rows[name] = values
    return rows.tobytes()


def _length(kind: str) -> int:
    """Elements of an array kind such as ``float8[24]``; 0 for a plain one."""
    return int(kind.partition("[")[2][:-1]) if kind.endswith("]") else 0


def _record(kinds: Mapping[str, str]) -> tuple[np.dtype, dict]:
    """The record of one row, and the values its fixed parts must have."""
    fields: list[tuple] = [("fields", ">i2")]
    fixed: dict = {"fields": len(kinds)}
    for name, kind in kinds.items():
        length = _length(kind)
        if length:
            head = [(part, ">i4") for part in ("dims", "flags", "type", "size", "lower")]
            element = np.dtype([("length", ">i4"), ("value", ">f8")])
            fields += [(f"{name}.length", ">i4")]
            fields += [(f"{name}.{part}", form) for part, form in head]
            fields += [(name, element, (length,))]
            fixed[f"{name}.length"] = 20 + 12 * length
            fixed |= {f"{name}.dims": 1, f"{name}.flags": 0, f"{name}.type": FLOAT8_OID}
            fixed |= {f"{name}.size": length, f"{name}.lower": 1}
        elif kind == "null":
            fields += [(f"{name}.length", ">i4")]
            fixed[f"{name}.length"] = -1
        else:
            form = np.dtype(WIDTHS[kind])
            fields += [(f"{name}.length", ">i4"), (name, form)]
            fixed[f"{name}.length"] = form.itemsize
    return np.dtype(fields), fixed
