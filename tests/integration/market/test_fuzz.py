"""Whatever a caller sends, the API answers by its own description: never a crash, always a Problem."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from suanli.protocol.wire.common import Problem
from tests.integration.market.stage import BUYER, Stage

WAITING = ("/v1/jobs/{job}/events", "/v1/nodes/{node}/leases")
"""Long polls: their waiting is tested elsewhere, and would only make this slow."""
EXAMPLES = 6


@pytest.mark.timeout(600)
def test_every_operation_withstands_what_its_description_allows(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", stage.client.app)
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path not in WAITING:
            for who in (BUYER, provider.key):
                _fuzz(stage, operation, stage.bearer(who))
            tried.add((operation.method, operation.path))
    assert len(tried) > 40


def _fuzz(stage: Stage, operation: "schemathesis.APIOperation", headers: dict[str, str]) -> None:  # type: ignore[name-defined]
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def withstands(case: schemathesis.Case) -> None:
        answer = case.call(headers=headers)
        assert answer.status_code != 500, (case.as_curl_command(), answer.text)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        if answer.status_code >= 400 and case.method != "HEAD":
            Problem.model_validate_json(answer.content)

    withstands()
