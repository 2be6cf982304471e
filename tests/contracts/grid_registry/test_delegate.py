"""GridRegistry.delegate and .delegateBySignature."""

import pytest

from suanli.protocol.messages import Delegation
from tests.contracts.clock import next_block_at
from tests.contracts.reverts import reverts
from tests.contracts.signing import NEVER, full_length, malleable_twin, values

ZERO = "0x" + "00" * 20


@pytest.fixture
def delegation(alice, operator):
    return Delegation(account=alice.address, delegate=operator.address, cap=1000, expiry=NEVER, nonce=1)


def test_account_delegates_by_its_own_call(suanli, alice, operator, delegation):
    receipt = suanli.registry.delegate(values(delegation), {"from": alice})
    assert tuple(suanli.registry.delegationOf(alice, operator)) == (1000, NEVER, 1)
    assert dict(receipt.events["Delegated"]) == {
        "account": alice,
        "delegate": operator,
        "cap": 1000,
        "expiry": NEVER,
        "nonce": 1,
    }


def test_nobody_else_delegates_by_a_call(suanli, alice, operator, delegation):
    with reverts("NotAccount", alice, operator):
        suanli.registry.delegate(values(delegation), {"from": operator})


@pytest.mark.parametrize("form", [bytes, full_length])
def test_relayer_lands_a_signed_delegation(suanli, alice, operator, delegation, form):
    signature = form(suanli.signed(alice, delegation))
    suanli.registry.delegateBySignature(values(delegation), signature, {"from": suanli.relayer})
    assert tuple(suanli.registry.delegationOf(alice, operator)) == (1000, NEVER, 1)


def test_signed_delegation_lands_once(suanli, alice, operator, delegation):
    arguments = values(delegation), suanli.signed(alice, delegation)
    suanli.registry.delegateBySignature(*arguments, {"from": suanli.relayer})
    with reverts("NonceUsed", alice, operator, 1, 1):
        suanli.registry.delegateBySignature(*arguments, {"from": suanli.relayer})


@pytest.mark.parametrize(
    "spoil", [lambda one: one[:-1], lambda one: one + b"\0", malleable_twin, lambda one: b""]
)
def test_truncated_or_malleable_signature_reverts(suanli, alice, delegation, spoil):
    signature = spoil(suanli.signed(alice, delegation))
    with reverts("InvalidSignature", alice):
        suanli.registry.delegateBySignature(values(delegation), signature, {"from": suanli.relayer})


def test_delegate_cannot_delegate_to_itself_or_others(suanli, alice, operator, mallory, delegation):
    suanli.registry.delegate(values(delegation), {"from": alice})
    more = delegation.model_copy(update={"delegate": mallory.address})
    with reverts("InvalidSignature", alice):
        suanli.registry.delegateBySignature(values(more), suanli.signed(operator, more), {"from": operator})


@pytest.mark.parametrize(("field", "value"), [("cap", 2000), ("expiry", NEVER + 1), ("nonce", 2)])
def test_changed_delegation_does_not_fit_the_signature(suanli, alice, delegation, field, value):
    forged = delegation.model_copy(update={field: value})
    with reverts("InvalidSignature", alice):
        suanli.registry.delegateBySignature(
            values(forged), suanli.signed(alice, delegation), {"from": suanli.relayer}
        )


def test_expired_delegation_reverts(suanli, alice, delegation):
    old = delegation.model_copy(update={"expiry": 2**35})
    next_block_at(2**35 + 1)
    with reverts("Expired", 2**35):
        suanli.registry.delegate(values(old), {"from": alice})


def test_zero_address_and_the_account_itself_are_no_delegates(suanli, alice, delegation):
    for nobody in (ZERO, alice.address):
        wrong = delegation.model_copy(update={"delegate": nobody})
        with reverts("InvalidDelegate", nobody):
            suanli.registry.delegate(values(wrong), {"from": alice})


def test_zero_account_cannot_be_signed_for(suanli, delegation, operator):
    wrong = delegation.model_copy(update={"account": ZERO})
    with reverts("InvalidSignature", ZERO):
        suanli.registry.delegateBySignature(values(wrong), b"\0" * 64, {"from": operator})


def test_higher_nonce_replaces_the_delegation(suanli, alice, operator, delegation):
    suanli.registry.delegate(values(delegation), {"from": alice})
    smaller = delegation.model_copy(update={"cap": 5, "nonce": 9})
    suanli.registry.delegate(values(smaller), {"from": alice})
    assert tuple(suanli.registry.delegationOf(alice, operator)) == (5, NEVER, 9)
