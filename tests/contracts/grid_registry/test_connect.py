"""GridRegistry.connect."""

import pytest

from suanli.protocol.eip712 import Domain
from suanli.protocol.states import NodeState
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import BENCHMARK, FUNDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length, malleable_twin, signed, values

ZERO = "0x" + "00" * 20


@pytest.fixture
def node(daves_node, operator):
    """A key that is not connected yet."""
    return operator


def connect(suanli, terms, owner_signature, node_signature, sender=None):
    return suanli.registry.connect(
        values(terms), owner_signature, node_signature, {"from": sender or suanli.relayer}
    )


def test_relayer_connects_a_node_that_both_signed_for(suanli, alice, node):
    terms = suanli.terms(node, alice)
    receipt = connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(node, terms))
    owner, state, stake, releasable_at = suanli.registry.nodeOf(node)
    assert (owner, state, stake, releasable_at) == (alice, NodeState.CONNECTED, STAKE, 0)
    assert (suanli.balance(alice), suanli.stake(node)) == (FUNDS - STAKE, (STAKE, 0, STAKE))
    assert dict(receipt.events["NodeConnected"]) == {
        "node": node,
        "owner": alice,
        "terms": terms.id(),
        "benchmark": BENCHMARK,
        "stake": STAKE,
    }


def test_owner_who_calls_needs_no_signature_of_theirs(suanli, alice, node):
    terms = suanli.terms(node, alice)
    connect(suanli, terms, b"", suanli.signed(node, terms), sender=alice)
    assert suanli.registry.ownerOf(node) == alice


def test_signatures_of_65_bytes_count(suanli, alice, node):
    terms = suanli.terms(node, alice)
    both = (full_length(suanli.signed(person, terms)) for person in (alice, node))
    connect(suanli, terms, *both)
    assert suanli.registry.ownerOf(node) == alice


def test_terms_hold_until_their_last_second(suanli, alice, node):
    expiry = 2**35
    terms = suanli.terms(node, alice, expiry=expiry)
    next_block_at(expiry)
    connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(node, terms))
    assert suanli.registry.ownerOf(node) == alice


def test_expired_terms_revert(suanli, alice, node):
    terms = suanli.terms(node, alice, expiry=2**35)
    next_block_at(2**35 + 1)
    with reverts("Expired", 2**35):
        connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(node, terms))


def test_replayed_terms_revert(suanli, carol, carols_node):
    terms = suanli.terms(carols_node, carol)
    with reverts("WrongState", carols_node, NodeState.CONNECTED.value):
        connect(suanli, terms, suanli.signed(carol, terms), suanli.signed(carols_node, terms))


def test_node_of_another_owner_cannot_be_taken_over(suanli, alice, carols_node):
    terms = suanli.terms(carols_node, alice)
    with reverts("WrongState", carols_node, NodeState.CONNECTED.value):
        connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(carols_node, terms))


def test_node_key_that_did_not_sign_reverts(suanli, alice, node, mallory):
    terms = suanli.terms(node, alice)
    with reverts("InvalidSignature", node):
        connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(mallory, terms))


def test_owner_who_did_not_sign_does_not_stake(suanli, alice, node, mallory):
    terms = suanli.terms(node, alice)
    with reverts("InvalidSignature", alice):
        connect(suanli, terms, suanli.signed(mallory, terms), suanli.signed(node, terms))


def test_empty_owner_signature_counts_only_for_the_owners_own_call(suanli, alice, node):
    terms = suanli.terms(node, alice)
    with reverts("InvalidSignature", alice):
        connect(suanli, terms, b"", suanli.signed(node, terms))


@pytest.mark.parametrize(
    "spoil", [lambda one: one[:-1], lambda one: one + b"\0", malleable_twin, lambda one: b""]
)
def test_truncated_or_malleable_node_signature_reverts(suanli, alice, node, spoil):
    terms = suanli.terms(node, alice)
    with reverts("InvalidSignature", node):
        connect(suanli, terms, suanli.signed(alice, terms), spoil(suanli.signed(node, terms)))


@pytest.mark.parametrize("spoil", [lambda one: one[:-1], lambda one: one + b"\0", malleable_twin])
def test_truncated_or_malleable_owner_signature_reverts(suanli, alice, node, spoil):
    terms = suanli.terms(node, alice)
    with reverts("InvalidSignature", alice):
        connect(suanli, terms, spoil(suanli.signed(alice, terms)), suanli.signed(node, terms))


@pytest.mark.parametrize("changed", ["owner", "benchmark", "stake", "expiry"])
def test_changed_terms_do_not_fit_the_signatures(suanli, alice, bob, node, changed):
    terms = suanli.terms(node, alice)
    other = {"owner": bob.address, "benchmark": "0x" + "00" * 32, "stake": STAKE + 1, "expiry": 2**39}
    forged = terms.model_copy(update={changed: other[changed]})
    with reverts("InvalidSignature", node):
        connect(suanli, forged, suanli.signed(alice, terms), suanli.signed(node, terms))


def test_terms_for_another_chain_or_deployment_revert(suanli, alice, node):
    terms = suanli.terms(node, alice)
    here = suanli.domain
    others = (
        Domain(chain_id=here.chain_id + 1, ledger=here.ledger),
        Domain(chain_id=here.chain_id, ledger=suanli.registry.address),
    )
    for elsewhere in others:
        with reverts("InvalidSignature", node):
            connect(suanli, terms, signed(alice, elsewhere, terms), signed(node, elsewhere, terms))


def test_stake_below_the_minimum_reverts(suanli, alice, node):
    terms = suanli.terms(node, alice, stake=STAKE - 1)
    with reverts("StakeTooSmall", STAKE - 1, STAKE):
        connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(node, terms))


def test_stake_above_88_bits_reverts(suanli, alice, node):
    terms = suanli.terms(node, alice, stake=2**88)
    with reverts("StakeTooLarge", 2**88):
        connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(node, terms))


def test_stake_above_the_balance_reverts(suanli, alice, node):
    terms = suanli.terms(node, alice, stake=FUNDS + 1)
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        connect(suanli, terms, suanli.signed(alice, terms), suanli.signed(node, terms))


def test_stake_stands_in_the_registrys_own_account(suanli, alice, node):
    before = suanli.balance(suanli.registry)
    receipt = suanli.connect(node, alice)
    assert suanli.balance(suanli.registry) == before + STAKE
    assert dict(receipt.events["Moved"]) == {"from": alice, "to": suanli.registry, "amount": STAKE}


def test_connected_node_is_the_last_of_the_list(suanli, alice, node, carols_node, daves_node):
    receipt = suanli.connect(node, alice)
    assert suanli.registry.nodeCount() == 3
    assert [suanli.registry.nodeAt(place)[0] for place in range(3)] == [carols_node, daves_node, node]
    assert suanli.registry.nodeAt(2)[1] == receipt.timestamp
    with reverts("NoNodeAt", 3, 3):
        suanli.registry.nodeAt(3)


def test_nobody_connects_while_the_registry_is_paused(suanli, alice, node, pauser):
    suanli.registry.pause({"from": pauser})
    with reverts("EnforcedPause"):
        suanli.connect(node, alice)
