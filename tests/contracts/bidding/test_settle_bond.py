"""Bidding.settleBond: the winner's deposit follows the tasks that were paid."""

import brownie
import pytest

from suanli.protocol.auctions import terms_values
from tests.contracts.bidding.conftest import DEPOSIT, TASKS
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS, STAKE
from tests.contracts.reverts import reverts

PAYMENT = 742_800
OPEN = 1


@pytest.fixture
def finish(suanli, awarded, impersonate):
    """Takes serials of the award, as claims do."""

    def _finish(*serials):
        court = impersonate(suanli.settlement.court())
        space = suanli.bidding.reservationAccount(awarded)
        for serial in serials:
            suanli.settlement.take(space, serial, court)

    return _finish


def settle_bond(suanli, terms):
    return suanli.bidding.settleBond(terms_values(terms), {"from": suanli.relayer})


def test_bond_returns_as_soon_as_every_task_is_paid(suanli, awarded, terms, carol, finish):
    finish(*range(TASKS))
    receipt = settle_bond(suanli, terms)
    expected = {"auction": awarded, "returned": DEPOSIT, "forfeited": 0}
    assert {name: receipt.events["BondSettled"][name] for name in expected} == expected
    assert suanli.balance(carol) == FUNDS - STAKE
    assert suanli.balance(suanli.bidding) == 0


def test_bond_of_unfinished_work_waits_for_the_last_claim(suanli, awarded, terms, finish):
    finish(0, 299)
    release_at = terms.deadline + CLAIM_GRACE_SECONDS + 1
    next_block_at(release_at - 1)
    with reverts("AwardUnfinished", awarded, 2, release_at):
        settle_bond(suanli, terms)


def test_winner_loses_the_share_of_the_tasks_it_did_not_do(suanli, awarded, terms, alice, carol, finish):
    finish(*range(0, TASKS, 3))
    next_block_at(terms.deadline + CLAIM_GRACE_SECONDS + 1)
    settle_bond(suanli, terms)
    returned = DEPOSIT * 100 // TASKS
    assert suanli.balance(carol) == FUNDS - STAKE - DEPOSIT + returned
    assert suanli.balance(alice) == FUNDS - PAYMENT + DEPOSIT - returned


def test_winner_that_vanishes_loses_its_bond_to_the_buyer(suanli, awarded, terms, alice, carol):
    next_block_at(terms.deadline + CLAIM_GRACE_SECONDS + 1)
    settle_bond(suanli, terms)
    assert suanli.balance(carol) == FUNDS - STAKE - DEPOSIT
    assert suanli.balance(alice) == FUNDS - PAYMENT + DEPOSIT


def test_serials_beyond_the_tasks_do_not_count(suanli, awarded, terms, finish):
    finish(*range(TASKS - 1), TASKS, TASKS + 1, 511)
    with reverts("AwardUnfinished", awarded, TASKS - 1, terms.deadline + CLAIM_GRACE_SECONDS + 1):
        settle_bond(suanli, terms)


def test_bond_is_settled_once(suanli, awarded, terms):
    next_block_at(terms.deadline + CLAIM_GRACE_SECONDS + 1)
    settle_bond(suanli, terms)
    with reverts("BondSettledBefore", awarded):
        settle_bond(suanli, terms)


def test_there_is_no_bond_before_the_award(suanli, auction, terms):
    with reverts("WrongAuctionState", auction, OPEN):
        settle_bond(suanli, terms)


def test_bond_of_the_largest_award_can_be_settled_in_one_transaction(
    suanli, alice, carol, changed, carols_bid
):
    largest = changed(tasks=2**16)
    opened = suanli.bidding.openAuction(terms_values(largest), {"from": alice})
    suanli.hold(str(opened.return_value), largest, [(carols_bid, carol)])
    next_block_at(largest.deadline + CLAIM_GRACE_SECONDS + 1)
    assert settle_bond(suanli, largest).gas_used < brownie.web3.eth.get_block("latest")["gasLimit"] // 4
