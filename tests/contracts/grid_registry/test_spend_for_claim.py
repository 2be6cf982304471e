"""GridRegistry.spendForClaim: a delegation that ended still pays for work that the delegate ordered."""

import pytest

from tests.contracts.clock import next_block_at
from tests.contracts.reverts import reverts

CAP, GRACE = 100, 1000


@pytest.fixture
def claim(suanli, alice, operator, impersonate):
    def _claim(amount):
        suanli.registry.spendForClaim(alice, operator, amount, GRACE, impersonate(suanli.court))

    return _claim


def remaining(suanli, account, delegate) -> tuple[int, int]:
    """What is left of the delegation and of those that it replaced."""
    registry = suanli.registry
    return registry.delegationOf(account, delegate)[0], registry.formerDelegationOf(account, delegate)[0]


def test_claim_draws_on_the_cap(suanli, alice, operator, claim):
    suanli.delegate(alice, operator, cap=CAP)
    claim(40)
    assert remaining(suanli, alice, operator) == (60, 0)
    with reverts("DelegationExceeded", alice, operator, 60, 61):
        claim(61)


def test_revoked_delegation_pays_claims_for_the_grace_time(suanli, alice, operator, claim):
    suanli.delegate(alice, operator, cap=CAP)
    ended = suanli.registry.revoke(operator, {"from": alice}).timestamp - 1
    next_block_at(ended + GRACE)
    claim(1)
    next_block_at(ended + GRACE + 1)
    with reverts("DelegationExpired", alice, operator, ended):
        claim(1)


def test_account_cannot_unpay_work_by_a_new_delegation_of_nothing(suanli, alice, operator, claim):
    suanli.delegate(alice, operator, cap=CAP)
    suanli.delegate(alice, operator, cap=0, nonce=2)
    suanli.delegate(alice, operator, cap=0, nonce=3)
    claim(CAP)
    with reverts("DelegationExceeded", alice, operator, 0, 1):
        claim(1)


def test_claims_draw_on_the_replaced_delegation_first(suanli, alice, operator, claim):
    suanli.delegate(alice, operator, cap=CAP)
    suanli.delegate(alice, operator, cap=50, nonce=2)
    claim(120)
    assert remaining(suanli, alice, operator) == (30, 0)


def test_account_that_never_delegated_pays_no_claim_of_anyones(suanli, alice, operator, claim):
    with reverts("NotDelegated", alice, operator):
        claim(0)


def test_nobody_but_the_court_spends_for_claims(suanli, alice, operator, impersonate):
    suanli.delegate(alice, operator)
    for caller in (operator, suanli.settlement):
        with reverts("NotCourt", caller):
            suanli.registry.spendForClaim(alice, operator, 1, GRACE, impersonate(caller))
