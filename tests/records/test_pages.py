"""The frame of pages: what stands outside any record."""


def test_healthz(client, db):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_an_unknown_mission_or_list_is_not_found(member, signed_in):
    client = signed_in(member())
    assert client.get("/NOWHERE/threats/").status_code == 404
