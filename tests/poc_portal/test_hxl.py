"""CSV with a row of tags, as the Humanitarian Exchange Language's own library reads it."""

import io

import hxl
import pytest

from tests.factories import IncidentFactory


@pytest.mark.parametrize("name", ["communities", "incidents", "activities", "bases"])
def test_libhxl_reads_the_export(demo, member, api, name):
    client = api(member(where=demo))
    answer = client.get(f"/api/v1/{name}/?format=csv&hxl=true")
    text = b"".join(answer.streaming_content)
    plain = b"".join(client.get(f"/api/v1/{name}/?format=csv").streaming_content)
    source = hxl.data(hxl.make_input(io.BytesIO(text), hxl.InputOptions(allow_local=True)))
    rows = list(source)
    assert len(rows) == client.get(f"/api/v1/ogc/collections/{name}/items").json()["numberMatched"]
    assert {"#meta+id", "#geo+lat", "#geo+lon"} <= {column.display_tag for column in source.columns}
    assert all(row.get("#meta+id") for row in rows)
    assert plain.count(b"\n") == text.count(b"\n") - 1


def test_without_asking_there_is_no_row_of_tags(mission, member, api):
    IncidentFactory(mission=mission)
    answer = api(member()).get("/api/v1/incidents/?format=csv")
    assert b"#" not in b"".join(answer.streaming_content)
