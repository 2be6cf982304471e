from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.client.job_file import parse_job_file
from suanli.client.planner import Plan
from suanli.client.terms import Terms, make_order, price_text, quote_request, terms_of
from suanli.protocol.charging import lease_cap
from suanli.protocol.documents import JobSpec, TaskSpec
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import Prices, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS
from suanli.protocol.wire.jobs import Quote, QuoteLine

BUYER = "0x0000000000000000000000000000000000000001"
OPERATOR = "0x0000000000000000000000000000000000000002"
DECIMALS = 6
HIGHEST = (1 << 64) - 1
NOW = 1_700_000_000


def plan(extra: str = "") -> Plan:
    job = parse_job_file(
        "name: x\nmodule: x.wasm\nlimits: {fuel: 1G, memory: 1GiB}\n" + extra, "job.yaml"
    ).job
    task = TaskSpec(module="0x" + "11" * 32, module_size=1 << 20, arguments=["x"])
    return Plan(job, JobSpec(name="x", tasks=[task, task]), {task.module: Path("x.wasm")})


def quote(highest: int = 1000, eligible: int = 3) -> Quote:
    lines = [
        QuoteLine(
            dimension=one.name, quantity=1, unit=one.priced_per, price=5, highest_price=highest, micro_atoms=5
        )
        for one in DIMENSIONS
    ]
    return Quote(
        fleet=3,
        eligible=eligible,
        exclusions=[],
        lines=lines if eligible else [],
        task_cap=10,
        cap=40,
        fee=1,
        fits_budget=True,
        valid_until=NOW,
    )


def test_a_budget_bounds_the_prices_that_are_asked_about() -> None:
    request = quote_request(plan('budget: "2.50"'), BUYER, DECIMALS, NOW)
    assert (request.budget, request.tasks, request.replicas) == (2_500_000, 2, 2)
    assert request.deadline == NOW + 3600
    assert request.maximum_prices.fuel == 2_500_000 * 10**6
    assert request.limits.inputBytes == 1 << 20


def test_without_a_budget_prices_are_asked_about_freely() -> None:
    request = quote_request(plan(), None, DECIMALS, NOW)
    assert (request.budget, request.maximum_prices.vector()) == (None, (HIGHEST,) * 4)


def test_an_order_has_the_price_limits_that_its_quote_was_asked_with() -> None:
    chosen = plan('budget: "2.50"')
    asked = quote_request(chosen, BUYER, DECIMALS, NOW).maximum_prices
    assert terms_of(chosen, quote(), DECIMALS) == Terms(2_500_000, asked)


def test_own_price_limits_are_taken_as_they_are() -> None:
    chosen = plan('budget: 1\nprices: {fuel: "0.01", egress: 0}')
    ordered = terms_of(chosen, quote(), DECIMALS).maximum_prices
    assert (ordered.fuel, ordered.egress) == (10_000_000_000, 0)
    assert ordered.memoryFuel == 10**6 * 10**6
    assert quote_request(chosen, BUYER, DECIMALS, NOW).maximum_prices.egress == 0


def test_a_job_without_a_budget_may_cost_what_the_quote_says() -> None:
    assert terms_of(plan(), quote(), DECIMALS).budget == 40


def test_a_job_without_a_budget_and_without_nodes_cannot_be_priced() -> None:
    with pytest.raises(ClientError) as error:
        terms_of(plan(), quote(eligible=0), DECIMALS)
    assert error.value.reason is Reason.NO_NODES


def test_money_finer_than_the_token_is_refused() -> None:
    with pytest.raises(ClientError) as error:
        quote_request(plan('budget: "0.0000001"'), BUYER, DECIMALS, NOW)
    assert error.value.reason is Reason.DOCUMENT_MALFORMED


def test_the_order_says_what_the_job_file_and_the_terms_say() -> None:
    made = plan("verification: {accept: buyer}\ndeadline: 10m")
    terms = terms_of(made, quote(), DECIMALS)
    order = make_order(made, terms, BUYER, OPERATOR, NOW, 77)
    assert (order.buyer, order.operator) == (BUYER, OPERATOR)
    assert (order.policy, order.replicas, order.tasks) == (VerificationPolicy.BUYER, 1, 2)
    assert (order.budget, order.deadline, order.nonce) == (40, NOW + 600, 77)
    assert order.specRoot == spec_root(made.spec)


@given(st.integers(min_value=1, max_value=10**12))
def test_no_node_that_the_budget_can_pay_is_excluded_by_derived_prices(budget: int) -> None:
    text = f'budget: "{budget // 10**6}.{budget % 10**6:06d}"'
    request = quote_request(plan(text), BUYER, DECIMALS, NOW)
    for name, most in request.maximum_prices.model_dump().items():
        if most < HIGHEST:
            dearer = Prices.model_validate(dict.fromkeys(Prices.model_fields, 0) | {name: most + 1})
            assert lease_cap(dearer, 0, request.limits, request.limits.inputBytes) > budget


def test_prices_are_shown_in_tokens() -> None:
    assert price_text(10_000_000_000, DECIMALS) == "0.01"
