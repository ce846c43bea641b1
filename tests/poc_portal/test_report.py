"""The one report of what came in."""

from poc_portal.tabular.report import CREATED, HELD, REFUSED, Outcome, Report, RowError


def test_reports_add_up_to_what_both_say():
    file = Report(file="a.csv", kind="ucdp", read=3, created=2)
    file.refuse(RowError(3, 4, "id", "", "empty"))
    file.hold_back(["7"])
    call = Report(stored=False, unplaced=1)
    for status in (CREATED, HELD, REFUSED):
        call.answer(Outcome(call.read, status))
    both = file + call
    assert (both.file, both.read, both.stored) == ("a.csv", 6, False)
    assert both.counts == {
        "created": 3, "changed": 0, "unchanged": 0, "held": 2, "refused": 2, "unplaced": 1,
    }  # fmt: skip
    assert [row.row for row in both.refusals] == [2]
    assert Report(**both.counts).counts == both.counts
    assert (file.read, call.read, call.held_back) == (3, 3, [])  # neither changed


def test_commands_write_what_they_always_wrote():
    report = Report(file="a.csv", kind="ucdp", read=1)
    report.refuse(RowError(1, 2, "id", "x", "wrong"))
    assert list(report.as_json().items()) == [
        ("file", "a.csv"), ("kind", "ucdp"), ("read", 1), ("created", 0), ("changed", 0),
        ("unchanged", 0), ("refused", 1), ("held_back", []), ("vanished", []),
        ("errors", [{"record": 1, "line": 2, "column": "id", "value": "x", "message": "wrong"}]),
        ("notes", []), ("stored", True),
    ]  # fmt: skip
    assert Outcome(0, REFUSED, values={"kind": "attack"}).as_json() == {
        "row": 0, "status": "refused", "id": None, "external_id": "", "errors": [],
    }  # fmt: skip
