"""A delegate signs in a buyer's place: within its cap, until it expires or is revoked."""

import pytest

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import NEVER


@pytest.fixture
def by_operator(settle, alice, operator):
    """Settles a batch that the operator signed for alice."""
    return lambda batch: settle(batch, signers={alice.address: operator})


def remaining(suanli, account, delegate) -> int:
    return suanli.registry.delegationOf(account, delegate)[0]


def test_delegates_signature_draws_on_its_cap(suanli, by_operator, batch_of, alice, carols_node, operator):
    suanli.delegate(alice, operator, cap=1500)
    by_operator(batch_of((alice, carols_node, 600), (alice, carols_node, 400)))
    assert (suanli.balance(alice), remaining(suanli, alice, operator)) == (FUNDS - 1000, 500)


def test_accounts_own_signature_leaves_the_cap_alone(suanli, settle, batch_of, alice, carols_node, operator):
    suanli.delegate(alice, operator, cap=1500)
    settle(batch_of((alice, carols_node, 1000)))
    assert remaining(suanli, alice, operator) == 1500


def test_delegate_may_use_its_cap_to_the_last_atom_and_no_more(
    suanli, by_operator, batch_of, alice, carols_node, operator
):
    suanli.delegate(alice, operator, cap=1000)
    by_operator(batch_of((alice, carols_node, 1000)))
    with reverts("DelegationExceeded", alice, operator, 0, 1):
        by_operator(batch_of((alice, carols_node, 1), epoch=2))


def test_sum_of_a_batch_counts_against_the_cap(suanli, by_operator, batch_of, alice, carols_node, operator):
    suanli.delegate(alice, operator, cap=1000)
    with reverts("DelegationExceeded", alice, operator, 1000, 1001):
        by_operator(batch_of((alice, carols_node, 500), (alice, carols_node, 501)))


def test_delegation_holds_until_its_last_second(suanli, by_operator, batch_of, alice, carols_node, operator):
    suanli.delegate(alice, operator, expiry=2**35)
    next_block_at(2**35)
    by_operator(batch_of((alice, carols_node, 1000)))


def test_expired_delegate_cannot_sign(suanli, by_operator, batch_of, alice, carols_node, operator):
    suanli.delegate(alice, operator, expiry=2**35)
    next_block_at(2**35 + 1)
    with reverts("DelegationExpired", alice, operator, 2**35):
        by_operator(batch_of((alice, carols_node, 1000)))


def test_revoked_delegate_cannot_sign(suanli, by_operator, batch_of, alice, carols_node, operator):
    suanli.delegate(alice, operator)
    ended = suanli.registry.revoke(operator, {"from": alice}).timestamp - 1
    with reverts("DelegationExpired", alice, operator, ended):
        by_operator(batch_of((alice, carols_node, 1000)))


def test_delegate_of_one_buyer_cannot_sign_for_another(
    suanli, settle, batch_of, alice, bob, carols_node, operator
):
    suanli.delegate(alice, operator)
    with reverts("NotDelegated", bob, operator):
        settle(batch_of((bob, carols_node, 1000)), signers={bob.address: operator})


def test_delegate_of_the_owner_cannot_sign_for_the_node(
    suanli, settle, batch_of, alice, carol, carols_node, operator
):
    suanli.delegate(carol, operator)
    with reverts("InvalidSignature", carols_node):
        settle(batch_of((alice, carols_node, 1000)), signers={carols_node.address: operator})


def test_one_delegate_may_sign_for_many_buyers(suanli, settle, batch, alice, bob, operator):
    for buyer in (alice, bob):
        suanli.delegate(buyer, operator)
    settle(batch, signers=dict.fromkeys(batch.buyers(), operator))
    assert {suanli.epoch(alice), suanli.epoch(bob)} == {1}


def test_reverted_batch_gives_the_cap_back(suanli, by_operator, batch_of, alice, bob, carols_node, operator):
    suanli.delegate(alice, operator, cap=1000)
    with reverts("BalanceTooSmall", bob, FUNDS, FUNDS + 1):
        by_operator(batch_of((alice, carols_node, 1000), (bob, carols_node, FUNDS + 1)))
    assert remaining(suanli, alice, operator) == 1000


def test_delegate_signs_statements_within_the_same_cap(suanli, alice, carols_node, operator):
    suanli.delegate(alice, operator, cap=1000)
    suanli.settle_statement(alice, carols_node, 700, signer=operator)
    assert remaining(suanli, alice, operator) == 300
    with reverts("DelegationExceeded", alice, operator, 300, 301):
        suanli.settle_statement(alice, carols_node, 301, serials=(1,), signer=operator)


def test_delegation_without_a_cap_worth_naming_never_overflows(
    suanli, by_operator, batch_of, alice, carols_node, operator
):
    suanli.delegate(alice, operator, cap=2**128 - 1, expiry=NEVER)
    by_operator(batch_of((alice, carols_node, 1000)))
    assert remaining(suanli, alice, operator) == 2**128 - 1001
