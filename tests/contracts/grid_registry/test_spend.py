"""GridRegistry.spend: Settlement counts down what a delegate's signature costs its account."""

import pytest

from tests.contracts.clock import next_block_at
from tests.contracts.reverts import reverts


@pytest.fixture
def by_settlement(suanli, impersonate):
    return impersonate(suanli.settlement)


def remaining(suanli, account, delegate) -> int:
    return int(suanli.registry.delegationOf(account, delegate)[0])


def test_each_spending_lowers_the_cap(suanli, alice, operator, by_settlement):
    suanli.delegate(alice, operator, cap=100)
    suanli.registry.spend(alice, operator, 60, by_settlement)
    suanli.registry.spend(alice, operator, 40, by_settlement)
    assert remaining(suanli, alice, operator) == 0


def test_more_than_the_cap_is_not_spent(suanli, alice, operator, by_settlement):
    suanli.delegate(alice, operator, cap=100)
    suanli.registry.spend(alice, operator, 60, by_settlement)
    with reverts("DelegationExceeded", alice, operator, 40, 41):
        suanli.registry.spend(alice, operator, 41, by_settlement)


def test_expired_delegation_is_not_spent(suanli, alice, operator, by_settlement):
    suanli.delegate(alice, operator, expiry=2**35)
    next_block_at(2**35)
    suanli.registry.spend(alice, operator, 1, by_settlement)
    next_block_at(2**35 + 1)
    with reverts("DelegationExpired", alice, operator, 2**35):
        suanli.registry.spend(alice, operator, 1, by_settlement)


def test_who_is_no_delegate_spends_nothing(suanli, alice, operator, by_settlement):
    with reverts("NotDelegated", alice, operator):
        suanli.registry.spend(alice, operator, 0, by_settlement)


def test_nobody_but_settlement_spends(suanli, alice, operator, impersonate):
    suanli.delegate(alice, operator)
    for caller in (operator, alice, suanli.court, suanli.bidding):
        with reverts("NotSettlement", caller):
            suanli.registry.spend(alice, operator, 1, impersonate(caller))
