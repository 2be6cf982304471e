"""Honest evidence passes every check; each spoiled fact is caught by the check that is named for it."""

from collections.abc import Callable

import pytest

from suanli.protocol.charging import lease_cap
from suanli.protocol.checks import all_passed
from suanli.protocol.eip712 import Domain
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import Outcome, Prices, Usage
from suanli.protocol.wire.common import Signed
from tests.unit.protocol.bundles import EPOCH, LIMITS, PRICES, Cast, job, manifest
from tests.unit.protocol.strategies import KEYS

DOMAIN = Domain(chain_id=31337, ledger="0x1111111111111111111111111111111111111111")
CAST = Cast(DOMAIN)
STRANGER = KEYS[4]
ZERO = "0x" + "00" * 32


def failed(bundle: EvidenceBundle) -> set[str]:
    return {one.name for one in bundle.verify() if not one.passed}


def test_honest_evidence_passes_every_check() -> None:
    checks = CAST.bundle().verify()
    assert all_passed(checks)
    assert len({one.name for one in checks}) == len(checks) == 19


def test_bundle_survives_its_canonical_json() -> None:
    bundle = CAST.bundle()
    again = EvidenceBundle.parse(bundle.canonical())
    assert again == bundle
    assert again.content_hash() == bundle.content_hash()


def test_terms_sent_by_the_owner_itself_need_no_owner_signature() -> None:
    bundle = CAST.bundle()
    terms = bundle.terms.model_copy(update={"owner_signature": ""})
    assert not failed(bundle.model_copy(update={"terms": terms}))


def resigned(bundle: EvidenceBundle, part: str, key: object, **changes: object) -> EvidenceBundle:
    """The bundle with one message changed and signed again by `key`."""
    message = getattr(bundle, part).message.model_copy(update=changes)
    return bundle.model_copy(update={part: CAST.signed(key, message)})  # type: ignore[type-var]


def receipt_with(bundle: EvidenceBundle, **changes: object) -> EvidenceBundle:
    return resigned(bundle, "receipt", CAST.node, **changes)


def usage_with(bundle: EvidenceBundle, **changes: int) -> EvidenceBundle:
    return receipt_with(bundle, usage=bundle.receipt.message.usage.model_copy(update=changes))


def unsigned(bundle: EvidenceBundle, part: str, **changes: object) -> EvidenceBundle:
    """The bundle with one message changed under its old signature."""
    signed = getattr(bundle, part)
    message = signed.message.model_copy(update=changes)
    return bundle.model_copy(
        update={part: Signed[type(message)](message=message, signature=signed.signature)}
    )  # type: ignore[misc]


SPOILED: dict[str, tuple[Callable[[EvidenceBundle], EvidenceBundle], set[str]]] = {
    "node charges one atom more": (
        lambda it: receipt_with(it, amount=it.receipt.message.amount + 1),
        {"charge"},
    ),
    "node charges one atom less": (
        lambda it: receipt_with(it, amount=it.receipt.message.amount - 1),
        {"charge"},
    ),
    "node bills bytes that the task does not have": (lambda it: usage_with(it, ingress=1), {"charge"}),
    "node bills outputs that it did not write": (lambda it: usage_with(it, egress=1), {"charge"}),
    "node uses more fuel than the order allows": (lambda it: usage_with(it, fuel=10**10 + 1), {"charge"}),
    "market changes the amount after signing": (
        lambda it: unsigned(it, "receipt", amount=it.receipt.message.amount + 1),
        {"receipt_signature", "charge"},
    ),
    "stranger signs the lease": (
        lambda it: resigned(it, "lease", STRANGER),
        {"lease_signature"},
    ),
    "order names another operator": (
        lambda it: resigned(it, "order", CAST.buyer, operator=STRANGER.address),
        {"lease_signature", "lease_order"},
    ),
    "lease names another ask": (
        lambda it: resigned(it, "lease", CAST.operator, ask=ZERO),
        {"lease_ask", "receipt_lease"},
    ),
    "stranger signs the order": (lambda it: resigned(it, "order", STRANGER), {"order_signature"}),
    "stranger signs the ask": (lambda it: resigned(it, "ask", STRANGER), {"ask_signature"}),
    "ask is changed": (
        lambda it: unsigned(it, "ask", nonce=2),
        {"ask_signature", "lease_ask"},
    ),
    "buyer's order is changed": (
        lambda it: unsigned(it, "order", budget=1),
        {"order_signature", "lease_order"},
    ),
    "order has fewer tasks than its tree": (
        lambda it: resigned(it, "order", CAST.buyer, tasks=1),
        {"spec_proof", "lease_order"},
    ),
    "lease is for another order": (
        lambda it: resigned(it, "lease", CAST.operator, order=ZERO),
        {"lease_order", "receipt_lease"},
    ),
    "lease is for another task": (
        lambda it: resigned(it, "lease", CAST.operator, task=2),
        {"spec_proof", "receipt_lease"},
    ),
    "lease names a task past the job's end": (
        lambda it: resigned(it, "lease", CAST.operator, task=3),
        {"spec_proof", "receipt_lease"},
    ),
    "specification is swapped": (
        lambda it: it.model_copy(update={"spec": job().tasks[2]}),
        {"spec_hash", "spec_proof"},
    ),
    "proof is cut": (lambda it: it.model_copy(update={"proof": it.proof[1:]}), {"spec_proof"}),
    "another node's terms": (
        lambda it: it.model_copy(update={"terms": Cast(DOMAIN, node=STRANGER).terms()}),
        {"one_node", "terms_node_signature"},
    ),
    "another owner signs the terms": (
        lambda it: it.model_copy(
            update={"terms": it.terms.model_copy(update={"owner_signature": it.terms.node_signature})}
        ),
        {"terms_owner_signature"},
    ),
    "result is swapped": (
        lambda it: it.model_copy(update={"manifest": manifest().model_copy(update={"exit_code": None})}),
        {"result_hash"},
    ),
    "failure is billed as success": (
        lambda it: receipt_with(it, outcome=Outcome.PROGRAM_FAILED),
        {"result_hash"},
    ),
    "bundle is for another deployment": (
        lambda it: it.model_copy(update={"domain": Domain(chain_id=1, ledger=DOMAIN.ledger)}),
        {
            "order_signature",
            "lease_signature",
            "receipt_signature",
            "ask_signature",
            "terms_node_signature",
            "terms_owner_signature",
        },
    ),
}


@pytest.mark.parametrize("case", SPOILED)
def test_each_spoiled_fact_is_caught_by_its_check(case: str) -> None:
    spoil, expected = SPOILED[case]
    assert failed(spoil(CAST.bundle())) == expected


def test_lease_above_the_asked_and_the_ordered_price_is_caught() -> None:
    dear = Prices(fuel=950_000_000, memoryFuel=50_000_000, ingress=4_000_000, egress=8_000_000)
    assert failed(CAST.bundle(prices=dear)) == {"prices_within_order", "lease_cap"}


@pytest.mark.parametrize("name", list(Prices.model_fields))
def test_lease_below_the_asked_price_is_caught(name: str) -> None:
    cheap = PRICES.model_copy(update={name: getattr(PRICES, name) - 1})
    assert "prices_cover_ask" in failed(CAST.bundle(prices=cheap))


def test_lease_below_the_asked_minimum_is_caught() -> None:
    assert "prices_cover_ask" in failed(CAST.bundle(minimumCharge=99))


def test_lease_above_the_asked_price_and_within_the_ordered_one_stands() -> None:
    most = Prices.of(price * 2 for price in PRICES.vector())
    raised = Prices.of(price + 7 for price in PRICES.vector())
    spec = job()
    cap = lease_cap(raised, 100, LIMITS, spec.tasks[1].input_bytes())
    assert failed(CAST.bundle(spec, maximum=most, prices=raised, cap=cap)) == set()


def test_lease_with_a_generous_cap_is_caught() -> None:
    assert failed(CAST.bundle(cap=10**12)) == {"lease_cap"}


def test_lease_that_outlives_the_order_is_caught() -> None:
    assert failed(CAST.bundle(deadline=2**63)) == {"lease_deadline"}


def test_order_beyond_the_limits_of_the_ask_is_caught() -> None:
    bundle = CAST.bundle()
    small = bundle.ask.message.limits.model_copy(update={"wallSeconds": 1})
    assert failed(resigned(bundle, "ask", CAST.node, limits=small)) == {"limits_within_ask", "lease_ask"}


def anchored(bundle: EvidenceBundle, **changes: object) -> EvidenceBundle:
    """The bundle with the operator's anchor of its epoch, `changes` made before it was signed."""
    return bundle.model_copy(update={"anchor": CAST.anchor([bundle], **changes)[0]})


def test_an_honest_anchor_passes() -> None:
    assert failed(anchored(CAST.bundle())) == set()


def test_each_order_and_lease_has_its_place_in_the_anchor() -> None:
    bundles = [CAST.bundle(job(name), 1) for name in ("first", "second", "third")]
    for bundle, shown in zip(bundles, CAST.anchor(bundles), strict=True):
        assert failed(bundle.model_copy(update={"anchor": shown})) == set()


ANCHORS: dict[str, tuple[dict[str, object], set[str]]] = {
    "another book": ({"bookRoot": ZERO}, {"order_booked"}),
    "a book without orders": ({"orders": 0}, {"order_booked"}),
    "other leases": ({"matchRoot": ZERO}, {"lease_matched"}),
    "another epoch": ({"epoch": EPOCH + 1}, {"anchor_epoch"}),
}


@pytest.mark.parametrize("case", ANCHORS)
def test_an_anchor_that_does_not_hold_the_lease_is_caught(case: str) -> None:
    changes, expected = ANCHORS[case]
    assert failed(anchored(CAST.bundle(), **changes)) == expected


def test_an_anchor_that_a_stranger_signed_is_caught() -> None:
    bundle = anchored(CAST.bundle())
    assert bundle.anchor is not None
    forged = CAST.signed(STRANGER, bundle.anchor.anchor.message)
    shown = bundle.anchor.model_copy(update={"anchor": forged})
    assert failed(bundle.model_copy(update={"anchor": shown})) == {"anchor_signature"}


def test_usage_vector_covers_every_priced_dimension() -> None:
    assert set(Usage.model_fields) == set(Prices.model_fields)
