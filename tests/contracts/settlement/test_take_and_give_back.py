"""Settlement.take and .giveBack: the court marks a claim's serial, and frees it when the claim falls."""

import pytest

from tests.contracts.reverts import reverts

SERIAL = 300


@pytest.fixture
def by_court(suanli, impersonate):
    return impersonate(suanli.court)


def test_taken_serial_is_paid_and_its_neighbours_are_not(suanli, carols_node, by_court):
    suanli.settlement.take(carols_node, SERIAL, by_court)
    assert suanli.settlement.paidWord(carols_node, SERIAL >> 8) == 1 << (SERIAL & 255)
    assert [suanli.settlement.isPaid(carols_node, SERIAL + step) for step in (-1, 0, 1)] == [
        False,
        True,
        False,
    ]


def test_serial_is_taken_once(suanli, carols_node, by_court):
    suanli.settlement.take(carols_node, SERIAL, by_court)
    with reverts("AlreadyPaid", carols_node, SERIAL >> 8, 1 << (SERIAL & 255)):
        suanli.settlement.take(carols_node, SERIAL, by_court)


def test_other_spaces_serials_are_others(suanli, carols_node, daves_node, by_court):
    suanli.settlement.take(carols_node, SERIAL, by_court)
    suanli.settlement.take(daves_node, SERIAL, by_court)


def test_given_back_serial_can_be_paid_again(suanli, carols_node, by_court):
    for serial in (SERIAL, SERIAL + 1):
        suanli.settlement.take(carols_node, serial, by_court)
    suanli.settlement.giveBack(carols_node, SERIAL, by_court)
    assert [suanli.settlement.isPaid(carols_node, SERIAL + step) for step in (0, 1)] == [False, True]
    suanli.settlement.take(carols_node, SERIAL, by_court)


def test_serial_that_is_not_taken_is_not_given_back(suanli, carols_node, by_court):
    with reverts("NotPaid", carols_node, SERIAL):
        suanli.settlement.giveBack(carols_node, SERIAL, by_court)


def test_nobody_but_the_court_takes_or_gives_back(suanli, carols_node, carol, governor, impersonate):
    for caller in (carol, carols_node, governor, suanli.bidding, suanli.ledger):
        for function in (suanli.settlement.take, suanli.settlement.giveBack):
            with reverts("NotCourt", caller):
                function(carols_node, SERIAL, impersonate(caller))
