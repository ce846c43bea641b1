"""Small files that unpack to more than a machine holds: refused in words, and nobody pays for them."""

import gzip
import io
import resource
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exchange.intake import reading
from exchange.models import IntakeFile
from missions.choices import Role
from poc_portal.tabular import FileRefused, Report, open_table
from poc_portal.tabular.confined import UPLOAD
from records.organisation.imports import import_admin_areas

GROWN = 40  # MB this process may grow by while a bomb is read elsewhere
LARGE = 2 * 10**9  # bytes of the one line in the archive
TOO_MUCH = "takes more memory or time"


def far_cell() -> bytes:
    """A sheet of two cells, whose range has seventeen thousand million."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "kind", "date"
    book.active["XFD1048576"] = "x"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(name: str, size: int) -> bytes:
    stream = io.BytesIO()
    block = b"x" * 2**20
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as part,
    ):
        for _ in range(size // len(block)):
            part.write(block)
    return stream.getvalue()


def gzipped(size: int) -> bytes:
    stream = io.BytesIO()
    with gzip.open(stream, "wb") as packed:
        packed.write(b"kind,date\n")
        for _ in range(size // 2**20):
            packed.write(b"x,y\n" * 2**18)
    return stream.getvalue()


def repeats() -> bytes:
    """A document of one cell, said to stand there a thousand million times."""
    content = (
        '<?xml version="1.0"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
        '<office:spreadsheet><table:table table:name="a"><table:table-row '
        'table:number-rows-repeated="1000000"><table:table-cell '
        'office:value-type="string" table:number-columns-repeated="16000"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED
        )
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" manifest:media-type="x"/>'
            "</manifest:manifest>",
        )
    return stream.getvalue()


def long_row() -> bytes:
    """An archive of a row of three fields, each of many lines and of six bytes a character as JSON."""
    field = '"' + ("é" * 1_000_000 + "\n") * 6 + '"'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "kind,date,note\n" + ",".join([field] * 3) + "\n")
    return stream.getvalue()


def locked() -> bytes:
    """An archive whose entry says that a password is needed."""
    body = bytearray(zipped("sheet.csv", 2**20))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + place] |= 1
    return bytes(body)


BOMBS = {
    "far cell": (far_cell, TOO_MUCH),
    "zip of one line": (lambda: zipped("sheet.csv", LARGE), "unpacks to more than 200 MB"),
    "line of 17 MB": (lambda: b"x" * 9 * 2**20 + b"," * 100_000, "columns; at most"),
    "long line in a zip": (lambda: zipped("a.csv", 50 * 2**20), "a line of more than 16 MB"),
    "row of many lines": (long_row, "a line of more than 1 MB"),
    "gz": (lambda: gzipped(300 * 2**20), "unpacks to more than 200 MB"),
    "ods repeats": (repeats, "is damaged"),
    "zip in a zip": (lambda: zipped("sheet.zip", 2**20), "it must hold exactly one"),
    "locked zip": (locked, "is damaged"),
    "broken gz": (lambda: gzipped(2**20)[:20] + b"\xff" * 99, "is damaged"),
    "deep JSON": (lambda: b"[" * 5_000_000, "more values than 2000000"),
    "JSON a hundred deep": (lambda: b'[{"a":' + b"[" * 100 + b"]" * 100 + b"}]", "nested too deeply"),
    "many small lists": (lambda: b"[" + b"[]," * 3_000_000 + b"[]]", "more values than 2000000"),
    "long names": (
        lambda: b'[{"' + b"n" * 10**6 + b'":{' + b",".join(b'"%d":1' % n for n in range(10**5)) + b"}}]",
        "has too long a name",
    ),
}  # fmt: skip


def most_memory() -> int:
    """MB this process held at most since it last forgot."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def forget_most_memory() -> None:
    Path("/proc/self/clear_refs").write_text("5")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_words_and_takes_no_memory_here(name, mission, member, signed_in):
    make, says = BOMBS[name]
    body = make()
    client = signed_in(member(Role.REPORTER))
    address = reverse("intake-add", args=[mission.code])
    upload = SimpleUploadedFile("brought.bin", body)
    with upload:
        forget_most_memory()
        before = most_memory()
        answer = client.post(
            address, {"file": upload, "resource": "incidents", "source": "x", "classification": 0}
        )
    grown = most_memory() - before
    assert answer.status_code == 422
    assert says in answer.content.decode().replace("&quot;", '"').replace("\u202f", "")
    assert not IntakeFile.objects.exists()
    assert grown < GROWN + 4 * len(body) // 2**20


def test_the_child_has_limits_and_none_of_the_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("INFORMANT_KEYS", "a key")
    found = {}
    with (
        (tmp_path / "x").open("w+b") as file,
        reading.read_apart("tests.exchange.confided:told", file, "x", UPLOAD) as pieces,
    ):
        found = next(pieces)
    assert "INFORMANT_KEYS" not in found["environment"]
    assert found["memory"] == [UPLOAD.memory] * 2
    assert found["processor"] == [UPLOAD.processor] * 2
    assert found["files"] == [0, 0]
    assert found["open"] <= 4  # the file, the pipe and the void; no socket of the portal


def test_a_reader_that_never_ends_is_ended(tmp_path):
    with (
        (tmp_path / "x").open("w+b") as file,
        pytest.raises(FileRefused, match=TOO_MUCH),
        reading.read_apart(
            "tests.exchange.confided:waiting", file, "x", replace(UPLOAD, wait=1)
        ) as pieces,
    ):
        next(pieces)


def test_a_pulled_or_imported_file_is_read_apart_too(tmp_path):
    path = tmp_path / "events.xlsx"
    path.write_bytes(far_cell())
    with pytest.raises(FileRefused, match=TOO_MUCH), open_table(path) as table:
        list(table.rows(Report()))


@pytest.mark.parametrize(
    ("start", "part", "times"),
    [(b"", b"[", 200_000), (b"", b'{"features": ', 100_000), (b'{"features": [', b"[0]," * 1000, 30_000)],
    ids=["deep lists", "deep objects", "many features"],
)  # fmt: skip
def test_outlines_of_areas_are_read_apart_and_take_nobody_with_them(
    start, part, times, mission, tmp_path
):
    path = tmp_path / "areas.geojson"
    with path.open("wb") as file:
        file.write(start)
        for _n in range(times):
            file.write(part)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileRefused):
        import_admin_areas(mission=mission, path=path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWN * 1024  # kB
