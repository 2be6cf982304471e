"""Settlement.settleBatch: no debit without the debited party's signature over exactly that data."""

import random

import pytest
from brownie.exceptions import VirtualMachineError

from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import Netting
from suanli.protocol.netting import batch_hash, pack
from tests.contracts.reverts import reverts
from tests.contracts.signing import batch_signatures, malleable_twin


@pytest.fixture
def good(suanli, batch, everyone):
    """A batch and its signatures that would settle."""
    return pack(batch), batch_signatures(batch, suanli.domain, everyone)


@pytest.fixture
def relay(suanli):
    return lambda packed, signatures: suanli.settlement.settleBatch(
        packed, signatures, {"from": suanli.relayer}
    )


def flipped(data: bytes, bit: int) -> bytes:
    spoilt = bytearray(data)
    spoilt[bit // 8] ^= 1 << bit % 8
    return bytes(spoilt)


def test_any_flipped_bit_of_the_batch_reverts(suanli, good):
    packed, signatures = good
    draw = random.Random(20_261_123)
    parts = (range(88), range(88, 8 * 149), range(8 * 149, 8 * len(packed)))
    for bit in [bit for part in parts for bit in draw.sample(part, 40)]:
        with pytest.raises(VirtualMachineError):
            suanli.settlement.settleBatch.call(flipped(packed, bit), signatures, {"from": suanli.relayer})
    suanli.settlement.settleBatch.call(packed, signatures, {"from": suanli.relayer})


def test_any_flipped_bit_of_a_signature_reverts(suanli, good):
    packed, signatures = good
    draw = random.Random(20_261_124)
    for bit in draw.sample(range(8 * len(signatures)), 120):
        with pytest.raises(VirtualMachineError):
            suanli.settlement.settleBatch.call(packed, flipped(signatures, bit), {"from": suanli.relayer})


def test_signatures_in_another_order_revert(suanli, relay, good, batch):
    packed, signatures = good
    swapped = signatures[:128] + signatures[192:256] + signatures[128:192]
    with reverts("InvalidSignature", batch.nodes()[0]):
        relay(packed, swapped)


@pytest.mark.parametrize("difference", [-64, -1, 1, 64])
def test_too_few_or_too_many_signature_bytes_revert(relay, good, difference):
    packed, signatures = good
    given = signatures[:difference] if difference < 0 else signatures + bytes(difference)
    with reverts("SignaturesLength", 256, 256 + difference):
        relay(packed, given)


def test_node_that_did_not_sign_reverts(settle, batch, carols_node, mallory):
    with reverts("InvalidSignature", carols_node):
        settle(batch, signers={carols_node.address: mallory})


def test_owner_cannot_sign_for_its_node(settle, batch, carol, carols_node):
    with reverts("InvalidSignature", carols_node):
        settle(batch, signers={carols_node.address: carol})


def test_buyer_that_did_not_sign_reverts(settle, batch, alice, mallory):
    with reverts("NotDelegated", alice, mallory):
        settle(batch, signers={alice.address: mallory})


def test_void_buyer_signature_points_nowhere_and_reverts(relay, good):
    packed, signatures = good
    with reverts("InvalidPointer", 0):
        relay(packed, bytes(64) + signatures[64:])


def test_key_account_has_no_signature_in_the_tail(relay, good, batch):
    packed, signatures = good
    pointer = bytes(32) + (256).to_bytes(16, "big") + (64).to_bytes(16, "big")
    with reverts("InvalidSignature", batch.buyers()[0]):
        relay(packed, pointer + signatures[64:] + signatures[:64])


def test_malleable_twin_of_a_signature_reverts(suanli, relay, good, batch, everyone):
    """In 64 bytes a high s cannot be told from a parity bit, so the twin names another key or none."""
    packed, signatures = good
    node = batch.nodes()[1]
    twin = malleable_twin(signatures[192:])[:64]
    with reverts("InvalidSignature", node):
        relay(packed, signatures[:192] + twin)


def test_high_s_with_its_own_parity_reverts(relay, good, batch):
    packed, signatures = good
    high = (2**255 - 1).to_bytes(32, "big")
    with reverts("InvalidSignature", batch.nodes()[1]):
        relay(packed, signatures[:224] + high)


@pytest.mark.parametrize("elsewhere", ["chain", "ledger"])
def test_signatures_for_another_chain_or_deployment_revert(suanli, settle, batch, elsewhere, alice):
    here = suanli.domain
    domains = {
        "chain": Domain(chain_id=here.chain_id + 1, ledger=here.ledger),
        "ledger": Domain(chain_id=here.chain_id, ledger=suanli.settlement.address),
    }
    with pytest.raises(VirtualMachineError, match="InvalidSignature"):
        settle(batch, domain=domains[elsewhere])


def test_signatures_over_another_epoch_revert(suanli, relay, batch, everyone):
    packed = pack(batch)
    netting = Netting(epoch=2, batch=batch_hash(packed))
    parties = (*batch.buyers(), *batch.nodes())
    signatures = b"".join(suanli.signed(everyone[party], netting) for party in parties)
    with pytest.raises(VirtualMachineError, match="InvalidSignature"):
        relay(packed, signatures)
