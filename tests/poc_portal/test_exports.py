"""Workbooks: what is text stays text, numbers and dates keep their kind."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from poc_portal.tabular import exports
from poc_portal.tabular.exports import write_workbook
from tests.factories import CommunityFactory


def read(header, rows) -> list[tuple]:
    stream = io.BytesIO()
    write_workbook(stream, header, rows)
    return list(load_workbook(io.BytesIO(stream.getvalue())).active.values)


def test_values_keep_their_kind_and_formulas_stay_text():
    row = ["=1+1", "+33 1", "'quoted", 3, 2.5, True, None, datetime.date(2022, 12, 31), [1, "a"]]
    header, found = read(list("abcdefghi"), [row])
    assert header == tuple("abcdefghi")
    assert found == (
        "=1+1", "+33 1", "'quoted", 3, 2.5, True, None, datetime.datetime(2022, 12, 31), "1; a",
    )  # fmt: skip
    book = io.BytesIO()
    write_workbook(book, ["a"], [["=1+1"]])
    assert load_workbook(io.BytesIO(book.getvalue())).active["A2"].data_type == "s"


def test_what_no_sheet_holds_is_cut(monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    assert len(read(["a"], ([n] for n in range(9)))) == 4
    ((_header,), (cell,)) = read(["a"], [["x" * 40_000]])
    assert len(cell) == 32_767


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_lists_workbook_holds_what_its_csv_holds(mission, member, signed_in, kind):
    for n in range(60):
        CommunityFactory(mission=mission, name=f"Place {n:02}", classification=n % 2)
    answer = signed_in(member(clearance=0)).get(f"/{mission.code}/communities/?format={kind}")
    content = b"".join(answer.streaming_content)
    assert f"-community-list.{kind}" in answer["Content-Disposition"]
    if kind == "xlsx":
        rows = list(load_workbook(io.BytesIO(content)).active.values)
        assert len(rows) == 31
        assert {row[0] for row in rows[1:]} == {f"Place {n:02}" for n in range(0, 60, 2)}
    else:
        assert content.decode("utf-8-sig").count("Place") == 30
