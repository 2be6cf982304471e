"""ClaimCourt.openClaims: the node alone, with what others signed before."""

from brownie import chain

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS, STAKE
from tests.contracts.court.conftest import RULES, claim_values
from tests.contracts.reverts import reverts
from tests.contracts.signing import values


def open_claims(court, order, signer, items, sender):
    signature = court.suanli.signed(signer, order)
    return court.suanli.court.openClaims(values(order), signature, items, {"from": sender})


def test_claim_sets_the_money_aside_and_locks_a_bond(court, alice, carols_node):
    claim = court.open()
    assert court.suanli.balance(alice) == FUNDS - claim.amount
    assert court.suanli.balance(court.suanli.court) == claim.amount
    assert court.suanli.stake(carols_node) == (STAKE, RULES.claim_bond, STAKE - RULES.claim_bond)
    assert court.suanli.court.claimedOf(claim.order) == claim.amount
    assert court.suanli.court.copiesOf(claim.order, 0) == 1
    assert "0x" + bytes(court.suanli.court.hashOf(claim_values(claim))).hex() == claim.hash()


def test_owner_claims_for_its_node(court, alice, carol):
    order = court.order()
    open_claims(court, order, alice, [court.item(order, 0)[2]], carol)
    assert court.suanli.court.copiesOf(order.id(), 0) == 1


def test_stranger_claims_for_nobody(court, alice, carols_node, mallory):
    order = court.order()
    with reverts("NotClaimant", carols_node, mallory):
        open_claims(court, order, alice, [court.item(order, 0)[2]], mallory)


def test_order_that_the_buyer_did_not_sign_is_not_claimed(court, alice, carols_node, mallory):
    order = court.order()
    with reverts("NotDelegated", alice, mallory):
        open_claims(court, order, mallory, [court.item(order, 0)[2]], carols_node)


def test_delegates_order_draws_on_its_cap(court, alice, mallory, carols_node):
    court.suanli.delegate(alice, mallory, cap=FUNDS)
    order = court.order()
    _, receipt, item = court.item(order, 0)
    open_claims(court, order, mallory, [item], carols_node)
    assert court.suanli.registry.delegationOf(alice, mallory)[0] == FUNDS - receipt.amount


def test_task_is_claimed_as_often_as_it_has_replicas(court, alice, carols_node):
    order = court.order()
    item = court.item(order, 0)[2]
    open_claims(court, order, alice, [item], carols_node)
    with reverts("CopiesExceeded", order.id(), 0, order.replicas):
        open_claims(court, order, alice, [item], carols_node)


def test_nothing_is_not_claimed(court, alice, carols_node):
    with reverts("NothingClaimed"):
        open_claims(court, court.order(), alice, [], carols_node)


def test_cancelled_order_is_claimed_until_the_grace_is_over(court, alice, carols_node):
    order = court.order()
    first, second = (court.item(order, task)[2] for task in (0, 1))
    end = court.suanli.bidding.cancel(order.nonce, {"from": alice}).timestamp + CLAIM_GRACE_SECONDS
    assert end > chain.time()
    next_block_at(end)
    open_claims(court, order, alice, [first], carols_node)
    next_block_at(end + 1)
    with reverts("ClaimsEnded", order.id(), end):
        open_claims(court, order, alice, [second], carols_node)


def test_node_whose_stake_is_locked_opens_no_more_claims(court, carols_node, impersonate):
    court.suanli.registry.lock(carols_node, STAKE - 1, impersonate(court.suanli.court))
    with reverts("FreeStakeTooSmall", carols_node, 1, RULES.claim_bond):
        court.open()


def test_node_keeps_free_what_it_may_lose_as_a_juror(court, carols_node, impersonate):
    left = RULES.claim_bond + RULES.juror_slash - 1
    court.suanli.registry.lock(carols_node, STAKE - left, impersonate(court.suanli.court))
    with reverts("JurorStakeTooSmall", carols_node, RULES.juror_slash - 1, RULES.juror_slash):
        court.open()
