"""Settlement.settleReserved: a statement that is paid from what the buyer set aside for one order."""

import pytest
from brownie import chain

from suanli.protocol.messages import Draw, JobOrder, Limits, Prices
from suanli.protocol.serials import marks_of
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import values

RESERVED = 1000
NO_ORDER = "0x" + "0d" * 32


@pytest.fixture
def order(suanli, alice, operator):
    """Alice's order, for which she set money aside; the operator is its guardian."""
    made = JobOrder(
        buyer=alice.address, operator=operator.address, specRoot="0x" + "5e" * 32, tasks=10, policy=0,
        replicas=1, budget=RESERVED, maximumPrices=Prices(fuel=1, memoryFuel=1, ingress=1, egress=1),
        limits=Limits(fuel=1, memoryBytes=1, inputBytes=1, outputBytes=1, wallSeconds=1),
        deadline=chain.time() + 3600, nonce=11,
    )  # fmt: skip
    suanli.bidding.reserve(values(made), RESERVED, b"", {"from": alice})
    return made


@pytest.fixture
def draw(suanli, carols_node, operator):
    """Lands a statement of a buyer with carol's node on an order's reservation."""

    def _draw(buyer, order_id, amount, guardian=operator, serials=(0,), drawn=None):
        statement = suanli.statement(buyer, carols_node, amount, serials)
        permit = Draw(order=drawn or order_id, statement=statement.id())
        signatures = [suanli.signed(who, statement) for who in (buyer, carols_node)]
        return suanli.settlement.settleReserved(
            values(statement), marks_of(serials), order_id, *signatures, suanli.signed(guardian, permit),
            {"from": suanli.relayer},
        )  # fmt: skip

    return _draw


def reserved(suanli, order) -> int:
    return suanli.balance(suanli.bidding.reservationAccount(order.id()))


def test_reservation_pays_and_the_balance_does_not(suanli, order, draw, alice, carol):
    receipt = draw(alice, order.id(), 600)
    assert (suanli.balance(alice), reserved(suanli, order)) == (FUNDS - RESERVED, RESERVED - 600)
    assert suanli.balance(carol) == FUNDS - STAKE + 600
    assert receipt.events["ReservationDrawn"]["order"] == order.id()
    assert receipt.events["ReservationDrawn"]["amount"] == 600


def test_serial_is_drawn_once(order, draw, alice):
    draw(alice, order.id(), 600)
    with pytest.raises(Exception, match="AlreadyPaid"):
        draw(alice, order.id(), 400)


def test_more_than_is_reserved_is_not_drawn(suanli, order, draw, alice):
    account = suanli.bidding.reservationAccount(order.id())
    with reverts("BalanceTooSmall", account, RESERVED, RESERVED + 1):
        draw(alice, order.id(), RESERVED + 1)


def test_guardian_signs_each_draw(order, draw, alice, operator, mallory):
    with reverts("InvalidSignature", operator):
        draw(alice, order.id(), 600, guardian=mallory)
    with reverts("InvalidSignature", operator):
        draw(alice, order.id(), 600, drawn=NO_ORDER)


def test_other_buyers_do_not_draw(order, draw, alice, bob):
    with reverts("WrongReservation", order.id(), alice, bob):
        draw(bob, order.id(), 600)


def test_order_without_a_reservation_pays_nothing(draw, alice):
    with reverts("ReservationUnknown", NO_ORDER):
        draw(alice, NO_ORDER, 600)
