"""Every example in the schema is a request that works, on the demonstration."""

import datetime
import json

import pytest
from django.db import connection, transaction
from drf_spectacular.generators import SchemaGenerator

from exchange.models import Intake, Notification
from missions.models import Membership, Mission, User
from missions.need_to_know import KEPT_APART
from poc_portal.api.schema import TAKEN
from strategies.models import Strategy
from tests import factories, saying
from tests.proof import size, some
from threats.models import Alert, AlertStep, Incident, IncidentSource, RiskHistory, RiskScore

APPROVES = "/api/v1/strategies/{id}/approve/"
NEED_A_CLEARED_STRATEGY = ("/api/v1/strategies/{id}/versions/", APPROVES)
VERIFIES = "/api/v1/incidents/{id}/verify/"
ON_WHAT_IS_ASKED = ("/api/v1/memberships/{id}/confirm/", "/api/v1/memberships/{id}/refuse/")
ENDS_THE_TOKEN = "/api/v1/tokens/current/"


@pytest.fixture(scope="module")
def operations():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.fixture
def ready(demo):
    """Record 1 of the resources of which the demonstration has none, or one that is past its examples."""
    for model in (AlertStep, Alert, Notification):
        model.objects.filter(mission=demo).delete()
    alert = factories.AlertFactory(
        pk=1, mission=demo, received_at=demo.now - datetime.timedelta(days=2)
    )
    AlertStep.objects.create(pk=1, mission=demo, alert=alert, step="acknowledged")
    factories.IncidentSourceFactory(pk=1, incident=Incident.objects.get(pk=1))
    Strategy.objects.filter(pk=1).update(status="draft")  # a cleared one never changes
    mapping = saying.for_every_row("incidents") | {
        "kind": {"always": "looting"}, "start_date": {"from": "event/day"},
    }  # fmt: skip
    factories.IntakeFactory(pk=1, mission=demo, mapping=mapping)
    User.objects.create(pk=9, username="newcomer")
    analyst = User.objects.get(username="analyst")
    analyst.set_password("demonstration")
    analyst.save()
    admin = User.objects.get(username="admin")
    Notification.objects.create(pk=1, mission=demo, member=admin, kind="alert", path="/")
    with connection.cursor() as cursor:  # what is made next gets another number
        for model in (
            Alert, AlertStep, IncidentSource, Intake, Notification, User,
        ):  # fmt: skip
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(s, greatest(nextval(s), 100)) "
                f"FROM pg_get_serial_sequence('{table}', 'id') s"
            )
    return admin


def examples_of(operation, place):
    return {
        parameter["name"]: parameter["example"]
        for parameter in operation.get("parameters", [])
        if parameter["in"] == place and "example" in parameter
    }


def key_of(path):
    """A record's own key, where the demonstration has none that is numbered 1."""
    model = {"risk-scores": RiskScore, "risk-history": RiskHistory}.get(path.split("/")[3])
    return {} if model is None else {"id": model.objects.filter(clearance=KEPT_APART).first().pk}


def bodies(operation):
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if "example" in content:
            yield kind, content["example"]
        for example in content.get("examples", {}).values():
            yield kind, example["value"]


def queries(operation, method, turn):
    """Each alone, or all of them at once where something is written; of what is said always, too."""
    given = examples_of(operation, "query")
    required = {
        parameter["name"]
        for parameter in operation.get("parameters", [])
        if parameter.get("required")
    }
    always = {name: value for name, value in given.items() if name in required}
    if method != "get":
        return [given]
    alone = [always | {name: value} for name, value in given.items()]
    return [always, *some(alone, 3, turn)]


def test_every_operation_has_examples_and_descriptions(operations):
    missing = []
    for path, method, operation in operations:
        if "requestBody" in operation and not list(bodies(operation)):
            missing.append(f"{method} {path}: body")
        if not operation.get("description"):
            missing.append(f"{method} {path}: description")
        for parameter in operation.get("parameters", []):
            name = parameter["name"]
            needs_one = name not in TAKEN and "enum" not in str(parameter["schema"])
            if needs_one and "example" not in parameter:
                missing.append(f"{method} {path}: {name}")
            if "description" not in parameter and parameter["in"] != "path":
                missing.append(f"{method} {path}: {name} is not described")
    assert not missing, missing


@pytest.mark.prove
def test_each_is_a_request_that_works(ready, api, operations, figure):
    client, head = api(ready), api(User.objects.get(username="head_of_mission"))
    second = factories.MembershipFactory(
        mission=Mission.objects.get(code="MINUSCA"), role="admin", clearance=2
    ).member
    failures, sent = [], 0
    for turn, (path, method, operation) in enumerate(operations):
        if path == ENDS_THE_TOKEN:
            continue
        address = path.format(**examples_of(operation, "path") | key_of(path))
        headers = {name: str(value) for name, value in examples_of(operation, "header").items()}
        for kind, body in list(bodies(operation)) or [("application/json", None)]:
            text = body if isinstance(body, str) else json.dumps(body)
            for query in queries(operation, method, turn):
                with transaction.atomic():
                    if path in NEED_A_CLEARED_STRATEGY:
                        Strategy.objects.filter(pk=1).update(status="endorsed")
                    if path == VERIFIES:
                        Incident.objects.filter(pk=1).update(awaits_verification=True)
                    if path in ON_WHAT_IS_ASKED:
                        asked = Membership.objects.filter(pk=1)
                        asked.update(clearance=0, asked_clearance=1, asked_by=second)
                    answer = (head if path == APPROVES else client).generic(
                        method.upper(), address, "" if body is None else text, kind,
                        query_params=query, headers=headers,
                    )  # fmt: skip
                    if answer.streaming:
                        b"".join(answer.streaming_content)
                    transaction.set_rollback(True)
                sent += 1
                if answer.status_code >= 300:
                    said = b"" if answer.streaming else answer.content[:300]
                    failures.append(f"{method} {address} {query} {answer.status_code} {said}")
    assert not failures, "\n".join(failures)
    figure("requests", sent)
    assert sent > size(250, 500)
