"""The stylesheet: files by component, sent as one."""

from __future__ import annotations

import gzip

from poc_portal.web.styles import FOLDER, URL, components, joined

LARGEST = 7000  # bytes, packed


def test_every_component_is_in_the_index_once():
    files = sorted(file.name for file in FOLDER.glob("*.css") if file.name != "index.css")
    assert sorted(file.name for file in components()) == files


def test_it_is_one_small_file_with_every_rule(client):
    response = client.get(URL)
    css = response.content.decode()
    assert response["Content-Type"].startswith("text/css")
    assert "max-age=300" in response["Cache-Control"]
    assert "@import" not in css
    assert "/*" not in css
    assert css.count("{") == sum(file.read_text().count("{") for file in components())
    assert len(gzip.compress(css.encode())) < LARGEST


def test_it_needs_neither_session_nor_database(client):
    client.cookies["sessionid"] = "x" * 32
    response = client.get(URL)  # a test without the mark of a database may ask none
    assert response.status_code == 200
    assert "Cookie" not in response.get("Vary", "")


def test_a_browser_that_has_it_is_told_so(client):
    tag = client.get(URL)["ETag"]
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 304


def test_a_changed_file_is_sent_anew(monkeypatch, tmp_path):
    (tmp_path / "index.css").write_text('@import "one.css";\n')
    (tmp_path / "one.css").write_text("/* why */\na,\nb {\n  top: 1px;\n}\n")
    monkeypatch.setattr("poc_portal.web.styles.FOLDER", tmp_path)
    assert joined() == "a,b {top: 1px;}"
    (tmp_path / "one.css").write_text("a {\n  top: 2px;\n}\n")
    assert joined() == "a {top: 2px;}"


def test_lines_can_be_read():
    for file in components():
        lines = file.read_text().splitlines()
        assert max(map(len, lines)) <= 120, file.name
        assert all(line.count(";") <= 1 for line in lines if not line.lstrip().startswith("/*"))
