import pytest

from suanli.client.requirements import requirements_of, specified, wishes
from suanli.client.terms import make_order, quote_request, terms_of
from suanli.protocol.documents import TaskSpec
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import spec_root
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements, Worth
from tests.unit.client.test_terms import BUYER, DECIMALS, NOW, OPERATOR, plan, quote

WISHES = """\
where: {regions: [us-east, eu], origin: eu, labels: [tier:datacentre]}
quality:
  trust: 97.5%
  latency: 50ms
  carbon: 300
  worth: {latency_millisecond: "0.0001", carbon_gram: "0.000001", failure_percent: 1}
"""
WANTED = Requirements(
    regions=("eu", "us-east"),
    origin="eu",
    labels=("tier:datacentre",),
    minimum_trust_basis_points=9750,
    maximum_latency_milliseconds=50,
    maximum_carbon_grams_per_kilowatt_hour=300,
    worth=Worth(
        micro_atoms_per_latency_millisecond=100_000_000,
        micro_atoms_per_carbon_gram=1_000_000,
        micro_atoms_per_failure_percent=10**12,
    ),
)


def test_a_job_without_wishes_has_the_specification_that_it_always_had() -> None:
    made = specified(plan("where: {}\nquality: {trust: 0%}"), DECIMALS)
    assert made.spec == plan().spec
    assert b"requirements" not in made.spec.canonical()
    assert wishes(made.job) == []
    assert quote_request(made, BUYER, DECIMALS, NOW).requirements is None


def test_what_the_job_file_wishes_stands_in_every_task_that_is_quoted_and_signed() -> None:
    made = specified(plan(WISHES), DECIMALS)
    assert [task.requirements for task in made.spec.tasks] == [WANTED, WANTED]
    assert quote_request(made, BUYER, DECIMALS, NOW).requirements == WANTED
    order = make_order(made, terms_of(made, quote(), DECIMALS), BUYER, OPERATOR, NOW, 1)
    assert order.specRoot == spec_root(made.spec) != spec_root(plan().spec)
    assert specified(made, DECIMALS) == made


def test_requirements_survive_the_way_to_the_node() -> None:
    (task, _) = specified(plan(WISHES), DECIMALS).spec.tasks
    assert TaskSpec.parse(task.canonical()) == task


def test_a_buyer_sees_every_wish() -> None:
    lines = dict(wishes(plan(WISHES).job))
    assert lines["regions"] == "eu, us-east"
    assert lines["trust at least"] == "97.5%"
    assert lines["worth of a failure percent"] == "1 tokens"
    assert len(lines) == 9


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("0.0000000000001", Reason.DOCUMENT_MALFORMED), (10**9, Reason.QUANTITY_OUT_OF_RANGE)],
)
def test_a_worth_that_does_not_fit_is_named(amount: object, reason: Reason) -> None:
    with pytest.raises(ClientError) as error:
        requirements_of(plan(f"quality: {{worth: {{carbon_gram: '{amount}'}}}}").job, DECIMALS)
    assert error.value.reason is reason
