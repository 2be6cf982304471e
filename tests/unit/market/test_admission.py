import pytest

from market.core.admission import check_order
from suanli.protocol.documents import BlobReference, JobSpec, TaskSpec
from suanli.protocol.errors import MarketError
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import JobOrder, VerificationPolicy
from suanli.protocol.reasons import Reason
from tests.unit.market.books import CHEAP, LIMITS, NOW, address, hash_

SPEC = JobSpec(
    name="two",
    tasks=[TaskSpec(module=hash_(1), module_size=10, arguments=[str(index)]) for index in range(2)],
)


OPERATOR = address(77)


def order(**changes: object) -> JobOrder:
    values: dict[str, object] = {
        "buyer": address(1),
        "operator": OPERATOR,
        "specRoot": spec_root(SPEC),
        "tasks": 2,
        "policy": VerificationPolicy.REPLICAS,
        "replicas": 2,
        "budget": 1000,
        "maximumPrices": CHEAP,
        "limits": LIMITS,
        "deadline": NOW + 60,
        "nonce": 1,
    }
    return JobOrder.model_validate(values | changes)


def test_a_sound_order_is_admitted() -> None:
    check_order(order(), SPEC, OPERATOR, NOW)


def test_two_inputs_cannot_lie_at_one_path() -> None:
    twice = [BlobReference(path="a", hash=hash_(number), size=1) for number in (1, 2)]
    spec = JobSpec(name="x", tasks=[TaskSpec(module=hash_(1), module_size=10, arguments=[], inputs=twice)])
    with pytest.raises(MarketError) as declined:
        check_order(order(tasks=1, specRoot=spec_root(spec)), spec, OPERATOR, NOW)
    assert declined.value.reason is Reason.DOCUMENT_MALFORMED


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        (Reason.MESSAGE_EXPIRED, {"deadline": NOW}),
        (Reason.MESSAGE_MALFORMED, {"deadline": NOW + 400 * 86400}),
        (Reason.POLICY_UNSUPPORTED, {"policy": 9}),
        (Reason.POLICY_UNSUPPORTED, {"replicas": 0}),
        (Reason.POLICY_UNSUPPORTED, {"policy": VerificationPolicy.BUYER}),
        (Reason.BUDGET_TOO_SMALL, {"budget": 3}),
        (Reason.DOCUMENT_MALFORMED, {"tasks": 3}),
        (Reason.HASH_MISMATCH, {"specRoot": hash_(5)}),
        (Reason.INPUT_TOO_LARGE, {"limits": LIMITS.model_copy(update={"inputBytes": 9})}),
        (
            Reason.MESSAGE_MALFORMED,
            {"limits": LIMITS.model_copy(update={"fuel": 2**64 - 1, "memoryBytes": 2**64 - 1})},
        ),
    ],
)
def test_an_unsound_order_is_declined_for_a_reason(reason: Reason, changes: dict[str, object]) -> None:
    with pytest.raises(MarketError) as declined:
        check_order(order(**changes), SPEC, OPERATOR, NOW)
    assert declined.value.reason is reason


def test_an_order_for_another_operator_is_refused_and_the_right_one_named() -> None:
    with pytest.raises(MarketError) as refused:
        check_order(order(operator=address(78)), SPEC, OPERATOR, NOW)
    assert refused.value.reason is Reason.WRONG_OPERATOR
    assert refused.value.context["operator"] == OPERATOR
