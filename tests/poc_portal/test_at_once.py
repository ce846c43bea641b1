"""What an account may cost: files at once, words of a search."""

from contextlib import ExitStack, closing

import psycopg2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from missions.choices import Role
from poc_portal.postgres.locks import Lock
from poc_portal.web.at_once import AT_ONCE, LAYERS_AT_ONCE


@pytest.fixture
def busy():
    """Other connections of the account's hold all its places but some."""
    with ExitStack() as held:

        def hold(user, free=0, lock=Lock.AT_ONCE, places=AT_ONCE):
            other = held.enter_context(closing(psycopg2.connect(**_parameters())))
            with other.cursor() as cursor:
                for place in range(places - free):
                    key = user.pk * places + place
                    cursor.execute("SELECT pg_advisory_lock(%s, %s)", [int(lock), key])

        yield hold


def _parameters():
    known = connection.get_connection_params()
    return {
        name: known[name]
        for name in ("dbname", "user", "host", "port", "password")
        if name in known
    }


def places_held():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid IN (%s, %s) "
            "AND pid = pg_backend_pid()",
            [int(Lock.AT_ONCE), int(Lock.LAYERS_AT_ONCE)],
        )
        return cursor.fetchone()[0]


def taken(answer):
    """Its status, once all of it is here."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def exports(mission):
    return (
        f"/api/v1/incidents/?mission={mission.code}&format=csv",
        f"/api/v1/incidents/?mission={mission.code}&format=xlsx",
        f"/api/v1/incidents/?mission={mission.code}&format=ndjson",
    )


def test_an_account_takes_only_so_many_files_at_once(mission, member, api, signed_in, busy):
    user, colleague = member(Role.ANALYST), member(Role.ANALYST)
    busy(user)
    page = f"{reverse('incident-list', args=[mission.code])}?format=csv"
    for address in exports(mission):
        answer = api(user).get(address)
        assert (answer.status_code, answer["Retry-After"]) == (429, "5")
        assert taken(api(colleague).get(address)) == 200
    answer = signed_in(user).get(page)
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert taken(signed_in(colleague).get(page)) == 200
    sent = {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")}
    assert signed_in(user).post(reverse("intake-add", args=[mission.code]), sent).status_code == 429
    assert api(user).get(f"/api/v1/incidents/?mission={mission.code}").status_code == 200


def test_a_place_is_given_back_once_the_file_is_there(mission, member, api, signed_in, busy):
    user = member(Role.ANALYST)
    busy(user, free=1)
    for address in (*exports(mission), *exports(mission)):
        answer = api(user).get(address)
        assert taken(answer) == 200
        assert places_held() == 0, address
    assert signed_in(user).get("/api/v1/incidents/?format=csv&nothing=1").status_code == 400
    assert places_held() == 0


def test_a_map_s_layers_come_together_and_wait_for_no_file(mission, member, api, busy):
    user = member(Role.ANALYST)
    layer = f"/api/v1/incidents/?mission={mission.code}&format=geojson"
    busy(user)
    busy(user, free=1, lock=Lock.LAYERS_AT_ONCE, places=LAYERS_AT_ONCE)
    for _turn in range(2):
        assert taken(api(user).get(layer)) == 200
        assert places_held() == 0
    full = member(Role.ANALYST)
    busy(full, lock=Lock.LAYERS_AT_ONCE, places=LAYERS_AT_ONCE)
    assert api(full).get(layer).status_code == 429
    assert LAYERS_AT_ONCE >= 2 * 6  # of two pages, six at a time each, as browsers ask


def test_a_search_of_many_words_is_refused(mission, member, api):
    address = f"/api/v1/incidents/?mission={mission.code}&search="
    reader = api(member(Role.VIEWER))
    assert reader.get(address + "+".join(["bria"] * 12)).status_code == 200
    assert reader.get(address + "+".join(["bria"] * 13)).status_code == 400
    assert reader.get(address + "b" * 201).status_code == 400
