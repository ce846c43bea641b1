"""Every operation of the schema, as each role: what it answers is what the schema says.

With what fits the schema, and with what does not, which must be refused. One example of each an
operation, by one of the roles in turn; ``make prove`` tries many by each.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from missions.choices import Role
from tests.proof import size, some

# Left out, and why:
LEFT_OUT = {
    "positive_data_acceptance": "ids and codes that fit the schema need not exist: 400, 404, 422",
}


def check(operation, headers: list[dict], checks: list, examples: int, mode) -> None:
    """Send requests that fit the operation's schema, or none that does, as ``mode`` says.

    Raises what an answer should not have been.
    """

    @seeded(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        for header in headers:
            case.call_and_validate(headers=header, checks=checks)

    send()


def failures(address: str, tokens: list[str], examples: int) -> tuple[int, int, list[str]]:
    """How many operations were tried, by how many requests, and what went wrong."""
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/schema/?format=json")
    checks = [each for each in CHECKS.get_all() if each.__name__ not in LEFT_OUT]
    headers = [{"Authorization": f"Token {token}"} for token in tokens]
    tried, requests, found = 0, 0, []
    for operation in (each.ok() for each in schema.get_all_operations()):
        if operation.path.startswith("/api/v1/tokens/"):  # would revoke the token it is made with
            continue
        tried += 1
        chosen = some(headers, 1, tried)
        for mode in GenerationMode:
            requests += examples * len(chosen)
            try:
                check(operation, chosen, checks, examples, mode)
            except (Exception, FailureGroup) as error:
                found.append(f"{operation.label} ({mode.value}): {error}"[:1500])
    return tried, requests, found


@pytest.mark.prove
@pytest.mark.timeout(size(600, 4 * 3600))
def test_every_operation_as_each_role(served_to_write, figure):
    examples = size(1, 25)
    tokens = [served_to_write.token(role) for role in Role.values]
    tried, requests, found = failures(served_to_write.address, tokens, examples)
    figure("operations of the schema", tried, "more than 150")
    figure("requests", requests)
    figure("operations that failed", len(found), "0")
    assert not found, "\n\n".join(found)
    assert tried > 150
