"""GridRegistry.revoke."""

from brownie import chain

from suanli.protocol.messages import Delegation
from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import NEVER, values


def test_revoked_delegation_has_expired_and_its_nonce_risen(suanli, alice, operator):
    suanli.delegate(alice, operator)
    receipt = suanli.registry.revoke(operator, {"from": alice})
    ended = receipt.timestamp - 1
    assert tuple(suanli.registry.delegationOf(alice, operator)) == (FUNDS, ended, 2)
    assert dict(receipt.events["DelegationRevoked"]) == {"account": alice, "delegate": operator, "nonce": 2}


def test_revoked_delegation_pays_nothing_that_the_delegate_co_signs(suanli, alice, operator, impersonate):
    suanli.delegate(alice, operator)
    ended = suanli.registry.revoke(operator, {"from": alice}).timestamp - 1
    with reverts("DelegationExpired", alice, operator, ended):
        suanli.registry.spend(alice, operator, 1, impersonate(suanli.settlement))


def test_revoking_again_does_not_prolong_what_claims_can_draw_on(suanli, alice, operator):
    suanli.delegate(alice, operator)
    ended = suanli.registry.revoke(operator, {"from": alice}).timestamp - 1
    chain.sleep(1000)
    suanli.registry.revoke(operator, {"from": alice})
    assert tuple(suanli.registry.delegationOf(alice, operator)) == (FUNDS, ended, 3)


def test_next_delegation_that_was_signed_already_stays_dead_after_revoking(suanli, alice, operator):
    suanli.delegate(alice, operator)
    held_back = Delegation(account=alice.address, delegate=operator.address, cap=10**9, expiry=NEVER, nonce=2)
    signature = suanli.signed(alice, held_back)
    suanli.registry.revoke(operator, {"from": alice})
    with reverts("NonceUsed", alice, operator, 2, 2):
        suanli.registry.delegateBySignature(values(held_back), signature, {"from": operator})


def test_revoked_delegate_can_be_named_again_with_a_higher_nonce(suanli, alice, operator):
    suanli.delegate(alice, operator)
    suanli.registry.revoke(operator, {"from": alice})
    suanli.delegate(alice, operator, nonce=3)
    assert suanli.registry.delegationOf(alice, operator)[2] == 3


def test_delegation_with_the_highest_nonce_can_be_revoked(suanli, alice, operator):
    suanli.delegate(alice, operator, nonce=2**64 - 1)
    ended = suanli.registry.revoke(operator, {"from": alice}).timestamp - 1
    assert tuple(suanli.registry.delegationOf(alice, operator)) == (FUNDS, ended, 2**64 - 1)


def test_what_was_never_delegated_cannot_be_revoked(suanli, alice, operator):
    with reverts("NotDelegated", alice, operator):
        suanli.registry.revoke(operator, {"from": alice})


def test_one_account_cannot_revoke_for_another(suanli, alice, operator, mallory):
    suanli.delegate(alice, operator)
    with reverts("NotDelegated", mallory, operator):
        suanli.registry.revoke(operator, {"from": mallory})
