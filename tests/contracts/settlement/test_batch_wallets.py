"""Contract accounts (ERC-1271) sign batches by a signature behind the slots; hostile ones gain nothing."""

import pytest
from brownie.exceptions import VirtualMachineError

from suanli.protocol.netting import Batch, NettingTask, message, pack
from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length

RECEIPT = "0x" + "07" * 32


@pytest.fixture
def wallet(suanli, contracts, mallory):
    """A contract account with money, whose key is mallory's (who is honest here)."""
    made = contracts.KeyWallet.deploy(mallory, {"from": suanli.relayer})
    suanli.fund(made)
    return made


@pytest.fixture
def batch(wallet, carol, carols_node):
    task = NettingTask(wallet.address, carols_node.address, 1000, RECEIPT, 0)
    return Batch(1, (task,), {carols_node.address: carol.address})


@pytest.fixture
def relay(suanli, batch, carols_node):
    """Settles with this slot of the wallet and this tail."""
    by_node = suanli.signed(carols_node, message(batch))

    def _relay(slot: bytes, tail: bytes = b""):
        return suanli.settlement.settleBatch(pack(batch), slot + by_node + tail, {"from": suanli.relayer})

    return _relay


def pointer(offset: int, length: int, r: int = 0) -> bytes:
    return r.to_bytes(32, "big") + offset.to_bytes(16, "big") + length.to_bytes(16, "big")


@pytest.fixture
def approval(suanli, batch, mallory):
    return full_length(suanli.signed(mallory, message(batch)))


def test_wallet_signs_behind_the_slots(suanli, relay, wallet, approval):
    relay(pointer(128, 65), approval)
    assert (suanli.balance(wallet), suanli.epoch(wallet)) == (FUNDS - 1000, 1)


def test_two_wallets_sign_one_after_the_other(suanli, contracts, wallet, carol, carols_node, alice, mallory):
    other = contracts.KeyWallet.deploy(alice, {"from": suanli.relayer})
    suanli.fund(other)
    tasks = (
        NettingTask(buyer.address, carols_node.address, 10, "0x" + f"{at:064x}", at)
        for at, buyer in enumerate((wallet, other))
    )
    batch = Batch(1, tuple(tasks), {carols_node.address: carol.address})
    keys = {wallet.address: mallory, other.address: alice}
    slots, tail = b"", b""
    for buyer in batch.buyers():
        slots += pointer(192 + len(tail), 65)
        tail += full_length(suanli.signed(keys[buyer], message(batch)))
    signatures = slots + suanli.signed(carols_node, message(batch)) + tail
    suanli.settlement.settleBatch(pack(batch), signatures, {"from": suanli.relayer})
    assert (suanli.balance(wallet), suanli.balance(other)) == (FUNDS - 10, FUNDS - 10)


@pytest.mark.parametrize(
    "slot",
    [pointer(127, 65), pointer(129, 64), pointer(128, 66), pointer(2**128 - 1, 65), pointer(128, 2**128 - 1)],
    ids=["before", "behind", "too long", "far", "endless"],
)
def test_pointer_that_misses_its_signature_reverts(relay, approval, slot):
    with reverts("InvalidPointer", 0):
        relay(slot, approval)


def test_slot_with_r_that_is_no_signature_is_no_pointer(relay, approval):
    with pytest.raises(VirtualMachineError):
        relay(pointer(128, 65, r=2**256 - 1), approval)


def test_bytes_behind_the_last_signature_revert(relay, approval):
    with reverts("SignaturesLength", 193, 194):
        relay(pointer(128, 65), approval + b"\0")


def test_wallet_that_does_not_approve_stops_the_batch(suanli, relay, batch, wallet, alice):
    with reverts("InvalidSignature", wallet):
        relay(pointer(128, 65), full_length(suanli.signed(alice, message(batch))))


def test_empty_signature_is_the_wallets_to_judge(relay, wallet):
    with reverts("InvalidSignature", wallet):
        relay(pointer(128, 0))


@pytest.mark.parametrize("mode", range(1, 6), ids=["burns gas", "garbage", "short", "long", "reenters"])
def test_hostile_wallet_moves_no_money(suanli, contracts, carol, carols_node, mode):
    hostile = contracts.HostileWallet.deploy(suanli.settlement, mode, {"from": suanli.relayer})
    suanli.fund(hostile)
    task = NettingTask(hostile.address, carols_node.address, 1000, RECEIPT, 0)
    batch = Batch(1, (task,), {carols_node.address: carol.address})
    signatures = pointer(128, 0) + suanli.signed(carols_node, message(batch))
    with pytest.raises(VirtualMachineError):
        suanli.settlement.settleBatch(
            pack(batch), signatures, {"from": suanli.relayer, "gas_limit": 3_000_000}
        )
    assert (suanli.balance(hostile), suanli.epoch(hostile)) == (FUNDS, 0)
