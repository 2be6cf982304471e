"""Solidity hashes each message as the protocol does."""

import pytest

from suanli.protocol.messages import (
    MESSAGES,
    Ask,
    Cancellation,
    Delegation,
    Draw,
    EpochAnchor,
    InclusionPromise,
    JobOrder,
    Lease,
    Limits,
    Message,
    Netting,
    NodeTerms,
    Prices,
    Receipt,
    Reservation,
    ReservationRelease,
    RootNetting,
    Statement,
    Usage,
    VerdictSeal,
)
from tests.contracts.signing import values

A, B = "0x" + "00" * 19 + "0a", "0x" + "00" * 19 + "0b"
X, Y = "0x" + "11" * 32, "0x" + "22" * 32
PRICES = Prices(fuel=1, memoryFuel=2, ingress=3, egress=2**64 - 1)
LIMITS = Limits(fuel=5, memoryBytes=6, inputBytes=7, outputBytes=8, wallSeconds=9)
USAGE = Usage(fuel=10, memoryFuel=11, ingress=12, egress=13)

SAMPLES: list[Message] = [
    NodeTerms(node=A, owner=B, benchmark=X, stake=2**128 - 1, expiry=14),
    Ask(
        node=A,
        prices=PRICES,
        minimumCharge=15,
        slots=16,
        limits=LIMITS,
        offering=Y,
        expiry=17,
        nonce=2**256 - 1,
    ),
    JobOrder(
        buyer=A,
        operator=B,
        specRoot=X,
        tasks=18,
        policy=1,
        replicas=3,
        budget=19,
        maximumPrices=PRICES,
        limits=LIMITS,
        deadline=20,
        nonce=21,
    ),
    Lease(
        order=X,
        task=22,
        attempt=23,
        spec=Y,
        ask=X,
        epoch=35,
        serial=2**64 - 1,
        node=A,
        prices=PRICES,
        minimumCharge=24,
        cap=25,
        deadline=26,
    ),
    Receipt(lease=X, outcome=1, result=Y, usage=USAGE, amount=27),
    Statement(buyer=A, node=B, payee=A, amount=28, receipts=29, receiptsRoot=X, marks=Y),
    Netting(epoch=2**64 - 1, batch=X),
    RootNetting(epoch=36, batch=Y),
    Reservation(order=X, amount=37),
    Draw(order=X, statement=Y),
    ReservationRelease(order=X, remaining=2**128 - 1),
    Cancellation(account=A, nonce=2**256 - 1),
    VerdictSeal(dispute=X, round=1, seat=255, verdict=Y),
    Delegation(account=A, delegate=B, cap=30, expiry=31, nonce=32),
    InclusionPromise(order=X, epoch=33, receivedAt=34),
    EpochAnchor(epoch=38, bookRoot=X, matchRoot=Y, prices=X, orders=39, leases=40, evidence=Y),
]


@pytest.fixture(scope="module")
def harness(contracts, suanli):
    return contracts.MessagesHarness.deploy(suanli.ledger, {"from": suanli.relayer})


def test_every_message_has_a_sample():
    assert [type(sample) for sample in SAMPLES] == list(MESSAGES)


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)
def test_struct_hash_is_the_protocols(harness, message):
    assert str(getattr(harness, f"hash{type(message).__name__}")(values(message))) == message.id()


def test_digest_is_the_protocols(harness, suanli):
    digest = suanli.domain.digest(SAMPLES[0])
    assert str(harness.digest(SAMPLES[0].struct_hash())) == "0x" + digest.hex()
