"""Small bodies stay small: what anybody may send costs little, and what is answered is bounded."""

import unicodedata

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from exchange.intake.submissions import MOST_LETTERS, MOST_QUESTIONS, flattened
from exchange.models import AccessToken
from exchange.tasks import forget_ended
from exchange.tokens.services import issue_token
from missions.choices import Role
from poc_portal.api import by_password, parsers, strict, views
from poc_portal.models import RateWindow
from poc_portal.tabular import names
from poc_portal.tabular.report import BadValue
from poc_portal.web import guessing
from poc_portal.web.address import network_named

SIGN_IN = "/api/v1/tokens/"
SCHEMA = "/api/v1/schema/?format=json"
MARKS = "\u0301\u0316"  # of different classes: put in order at the square of their number
RIGHT = "a long enough one"


@pytest.fixture
def client_with_token():
    def make(user):
        _record, token = issue_token(user=user, name="R", may_write=True, resources=[], days=9)
        return Client(headers={"Authorization": f"Token {token}"})

    return make


def longest_normalised(monkeypatch, module):
    """How long the texts were that were normalised."""
    lengths = [0]
    real = unicodedata.normalize

    def counted(form, text):
        lengths.append(len(text))
        return real(form, text)

    monkeypatch.setattr(module.unicodedata, "normalize", counted)
    return lengths


def test_no_long_text_is_normalised_whole(monkeypatch):
    lengths = longest_normalised(monkeypatch, names)
    assert names.sort_key("é" + MARKS * 2000) == "e"
    assert max(lengths) == 1


@pytest.mark.parametrize("text", ["Ndélé  Çà", "ﬁn ①", "Ὅμηρος", "한국", "a\u0316\u0301b", "Ł’é"])
def test_names_match_as_they_did_when_texts_were_normalised_whole(text):
    spread = unicodedata.normalize("NFKD", text)
    assert names.without_accents(text) == "".join(
        char for char in spread if not unicodedata.combining(char)
    )


def test_a_name_longer_than_any_account_s_is_not_looked_at(db, client, monkeypatch):
    monkeypatch.setattr(guessing, "account_key", pytest.fail)
    long = MARKS * 80
    request = RequestFactory().post("/")
    assert guessing.Backend().authenticate(request, username=long, password="x") is None
    body = {"username": long, "password": "x"}
    assert client.post(SIGN_IN, body, content_type="application/json").status_code == 400


def test_the_sign_in_over_rest_reads_a_small_body_alone(db, client):
    body = {f"field{number}": 1 for number in range(20_000)}
    answer = client.post(SIGN_IN, body, content_type="application/json")
    assert answer.status_code == 413
    assert len(answer.content) < 1000
    few = {f"field{number}": 1 for number in range(200)}
    answer = client.post(SIGN_IN, few, content_type="application/json")
    assert answer.status_code == 400
    said = answer.json()["errors"]
    assert len(said) == strict.MOST_NAMES + 1
    assert "180" in said[-1]["message"]


def test_only_the_first_names_nobody_knows_are_compared(monkeypatch):
    compared = []
    monkeypatch.setattr(strict, "nearest", lambda name, known: compared.append(name) or [])
    with pytest.raises(strict.serializers.ValidationError) as refused:
        strict.refuse_unknown([f"name{number}" for number in range(5000)], ["id"])
    assert len(compared) == strict.MOST_NAMES
    assert len(refused.value.detail) == strict.MOST_NAMES + 1


def test_a_long_name_is_compared_by_its_beginning(monkeypatch):
    seen = []
    real = strict._likeness
    monkeypatch.setattr(
        strict, "_likeness", lambda one, other: seen.append(len(one)) or real(one, other)
    )
    assert strict.nearest("deaths_bestt" + "x" * 100_000, ["deaths_best"]) == []
    assert max(seen) <= strict.LONGEST
    assert strict.nearest("deaths_bset", ["deaths_best", "id"]) == ["deaths_best"]


def test_open_doors_are_asked_so_often_from_one_address(db, client, settings):
    settings.API_REQUESTS_PER_MINUTE = 25
    body = {"username": "nobody", "password": "x"}
    for _door in range(5):
        client.post(SIGN_IN, body, content_type="application/json")
        assert client.get(SCHEMA).status_code == 200
    assert client.get(SCHEMA).status_code == 429
    answer = client.post(SIGN_IN, body, content_type="application/json")
    assert answer.status_code == 429
    assert client.get(SCHEMA, REMOTE_ADDR="192.0.2.8").status_code == 200


def test_the_schema_is_made_once_for_each_language_and_form(db, client, monkeypatch):
    monkeypatch.setattr(views, "_schemas", {})
    made = []
    real = views.SpectacularAPIView._get_schema_response
    monkeypatch.setattr(
        views.SpectacularAPIView,
        "_get_schema_response",
        lambda view, request: made.append(1) or real(view, request),
    )
    first = client.get(SCHEMA)
    again = client.get(SCHEMA)
    assert (len(made), again.content, again["ETag"]) == (1, first.content, first["ETag"])
    assert client.get(SCHEMA, headers={"If-None-Match": first["ETag"]}).status_code == 304
    french = client.get(SCHEMA, headers={"Accept-Language": "fr"})
    assert french.json()["paths"].keys() == first.json()["paths"].keys()
    assert len(made) == 2


def test_lines_are_counted_before_they_are_read(monkeypatch, member, client_with_token):
    read = []
    monkeypatch.setattr(parsers, "_line", read.append)
    bulk = "/api/v1/incidents/bulk?source=x"
    body = b"x\n" * 10_001
    analyst = client_with_token(member(Role.ANALYST))
    answer = analyst.post(bulk, body, content_type="application/x-ndjson")
    assert (answer.status_code, read) == (400, [])
    viewer = client_with_token(member(Role.VIEWER))
    answer = viewer.post(bulk, b"x\n", content_type="application/x-ndjson")
    assert (answer.status_code, read) == (403, [])


def test_a_submission_s_questions_are_bounded_with_the_groups_they_stand_in():
    group = "g" * 900
    with pytest.raises(BadValue):
        flattened({group: {f"q{number}": 1 for number in range(MOST_LETTERS // 900 + 1)}})
    with pytest.raises(BadValue):
        flattened({f"q{number}": 1 for number in range(MOST_QUESTIONS + 1)})
    with pytest.raises(BadValue):
        flattened({f"q{number}": {} for number in range(5000)})
    assert len(flattened({f"q{number}": 1 for number in range(MOST_QUESTIONS)})) == MOST_QUESTIONS


def test_tokens_of_an_account_share_its_requests(member, settings, client_with_token):
    settings.API_REQUESTS_PER_MINUTE = 4
    user = member(Role.VIEWER)
    answered = 0
    for _token in range(6):
        program = client_with_token(user)
        answered += sum(program.get("/api/v1/missions/").status_code == 200 for _n in range(4))
    assert answered == 12


def test_sign_ins_over_rest_leave_few_tokens(member, client):
    user = member(Role.VIEWER)
    user.set_password(RIGHT)
    user.save()
    body = {"username": user.username, "password": RIGHT}
    made = [
        client.post(SIGN_IN, body, content_type="application/json").json()["token"]
        for _n in range(by_password.MOST + 3)
    ]
    assert user.auth_token_set.count() == by_password.MOST
    for token, status in ((made[0], 401), (made[-1], 200)):
        headers = {"Authorization": f"Token {token}"}
        assert client.get("/api/v1/missions/", headers=headers).status_code == status


def test_what_has_ended_is_swept(member, client):
    user = member(Role.VIEWER)
    by_password.issue_by_password(user)
    AccessToken.objects.update(expiry="2020-01-01T00:00Z", created="2020-01-01T00:00Z")
    by_password.issue_by_password(user)
    RateWindow.objects.create(caller="address:x", minute=1, count=1)
    forget_ended()
    assert user.auth_token_set.count() == 1
    assert not RateWindow.objects.filter(caller="address:x").exists()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("no address", "no address"),
    ],
)
def test_an_address_of_ipv6_is_counted_by_the_network_one_customer_holds(address, network):
    assert network_named(address) == network


def test_a_refused_try_leaves_no_row(db, rf):
    request = rf.post("/", REMOTE_ADDR="192.0.2.5")
    for number in range(guessing.ADDRESS + 5):
        try:
            guessing.Backend().authenticate(request, username=f"nobody{number}", password="x")
        except PermissionDenied:
            assert number >= guessing.ADDRESS
    assert guessing.SignInTries.objects.filter(last_at=None).count() == 0
    assert guessing.SignInTries.objects.count() == guessing.ADDRESS + 1
