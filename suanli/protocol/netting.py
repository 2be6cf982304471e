"""Multilateral netting: many small payments packed into one batch that all its parties sign once.

The packed form is the calldata of `Settlement.settleBatch` and the public record of every task. Pure.

    batch = epoch u64 ‖ buyerCount u8 ‖ nodeCount u8 ‖ buyers 20 B each ‖ nodes 20 B each, both ascending
            ‖ tasks of 42 B each: buyer index u8 ‖ node index u8 ‖ amount u64 ‖ receipt id 32 B
"""

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import Netting
from suanli.protocol.reasons import Reason
from suanli.protocol.units import Money, fee_rounded_down
from suanli.protocol.values import Address, Hash

MAXIMUM_PARTIES = 255
"""Of each kind: the indexes of a task are one byte each."""

_HEAD = struct.Struct(">QBB")
_TASK = struct.Struct(">BBQ32s")
_ADDRESS_LENGTH = 20
_UINT64 = 1 << 64
_NOBODY = "0x" + "00" * _ADDRESS_LENGTH


@dataclass(frozen=True, slots=True)
class NettingTask:
    """One payment: `buyer` pays `amount` atoms (the fee inside) to `node` for `receipt`."""

    buyer: Address
    node: Address
    amount: int
    receipt: Hash


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments that land together; `epoch` must exceed that of every buyer's account."""

    epoch: int
    tasks: tuple[NettingTask, ...]

    def buyers(self) -> list[Address]:
        """The accounts that pay, ascending."""
        return _ascending(task.buyer for task in self.tasks)

    def nodes(self) -> list[Address]:
        """The nodes that are paid, ascending."""
        return _ascending(task.node for task in self.tasks)


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """A batch as it stands in calldata, with its party tables, which may name parties without a task."""

    epoch: int
    buyers: tuple[Address, ...]
    nodes: tuple[Address, ...]
    tasks: tuple[NettingTask, ...]

    def parties(self) -> tuple[Address, ...]:
        """Everyone who signs, in the order of the signatures."""
        return self.buyers + self.nodes


@dataclass(frozen=True, slots=True)
class Net:
    """What a batch moves, in atoms: each buyer's payment, each node's part after the fee, the fee."""

    paid: dict[Address, Money]
    earned: dict[Address, Money]
    fee: Money

    def volume(self) -> Money:
        """The sum of all payments; equals what nodes earn and the fee together."""
        return Money(sum(self.paid.values()))

    def deltas(self) -> dict[Address, int]:
        """Signed change by party (buyer's account or node); the fee is what they lack to add up to zero."""
        changes = Counter[Address](self.earned)
        changes.subtract(self.paid)
        return dict(changes)


def pack(batch: Batch) -> bytes:
    """The batch's calldata. Raises ProtocolError(BATCH_MISMATCH) when it cannot be packed."""
    buyers, nodes = batch.buyers(), batch.nodes()
    _check_packable(batch, buyers, nodes)
    buyer_index = {buyer: index for index, buyer in enumerate(buyers)}
    node_index = {node: index for index, node in enumerate(nodes)}
    parts = [_HEAD.pack(batch.epoch, len(buyers), len(nodes))]
    parts += [bytes.fromhex(party[2:]) for party in (*buyers, *nodes)]
    parts += [
        _TASK.pack(
            buyer_index[task.buyer], node_index[task.node], task.amount, bytes.fromhex(task.receipt[2:])
        )
        for task in batch.tasks
    ]
    return b"".join(parts)


def unpack(packed: bytes) -> Batch:
    """The batch in calldata. Raises ProtocolError(BATCH_MISMATCH) unless `pack` yields the same bytes."""
    found = read_packed(packed)
    batch = Batch(found.epoch, found.tasks)
    if pack(batch) != packed:
        raise _mismatch("the batch names a party that has no task in it")
    return batch


def read_packed(packed: bytes) -> PackedBatch:
    """Calldata as the contract reads it, unused parties and repeated receipts included; for auditors.

    Raises ProtocolError(BATCH_MISMATCH) where the contract would refuse the form.
    """
    if len(packed) < _HEAD.size:
        raise _mismatch("the batch is shorter than its head")
    epoch, buyer_count, node_count = _HEAD.unpack_from(packed)
    tables_end = _HEAD.size + (buyer_count + node_count) * _ADDRESS_LENGTH
    if len(packed) < tables_end + _TASK.size or (len(packed) - tables_end) % _TASK.size:
        raise _mismatch("the batch's length does not fit its parties and one or more whole tasks")
    parties = _read_addresses(packed[_HEAD.size : tables_end])
    buyers, nodes = parties[:buyer_count], parties[buyer_count:]
    if list(buyers) != _ascending(buyers) or list(nodes) != _ascending(nodes):
        raise _mismatch("the batch's parties are not strictly ascending")
    if _NOBODY in parties:
        raise _mismatch("the zero address is nobody's")
    return PackedBatch(epoch, buyers, nodes, tuple(_read_tasks(packed[tables_end:], buyers, nodes)))


def net(batch: Batch | PackedBatch, fee_basis_points: int) -> Net:
    """What the batch moves; the fee of each task is rounded down on its own, as the contract does."""
    paid, earned = Counter[Address](), Counter[Address]()
    fee = 0
    for task in batch.tasks:
        part = fee_rounded_down(task.amount, fee_basis_points)
        paid[task.buyer] += task.amount
        earned[task.node] += task.amount - part
        fee += part
    return Net(_money(paid), _money(earned), Money(fee))


def batch_hash(packed: bytes) -> Hash:
    """keccak256 of the packed batch: the `batch` field of `Netting` and of the event `BatchSettled`."""
    return "0x" + keccak(packed).hex()


def message(batch: Batch) -> Netting:
    """What every party of the batch signs."""
    return Netting(epoch=batch.epoch, batch=batch_hash(pack(batch)))


def _check_packable(batch: Batch, buyers: Sequence[Address], nodes: Sequence[Address]) -> None:
    if not batch.tasks:
        raise _mismatch("the batch has no tasks")
    if _NOBODY in (*buyers, *nodes):
        raise _mismatch("the zero address is nobody's")
    if max(len(buyers), len(nodes)) > MAXIMUM_PARTIES:
        raise _mismatch(f"the batch has over {MAXIMUM_PARTIES} buyers or nodes")
    if not all(0 <= number < _UINT64 for number in (batch.epoch, *(task.amount for task in batch.tasks))):
        raise _mismatch("the epoch or an amount does not fit uint64")
    if len({task.receipt for task in batch.tasks}) != len(batch.tasks):
        raise _mismatch("a receipt stands in the batch twice")


def _read_addresses(table: bytes) -> tuple[Address, ...]:
    starts = range(0, len(table), _ADDRESS_LENGTH)
    return tuple(to_checksum_address(table[start : start + _ADDRESS_LENGTH]) for start in starts)


def _read_tasks(table: bytes, buyers: Sequence[Address], nodes: Sequence[Address]) -> Iterable[NettingTask]:
    for buyer, node, amount, receipt in _TASK.iter_unpack(table):
        if buyer >= len(buyers) or node >= len(nodes):
            raise _mismatch("a task of the batch points past the parties")
        yield NettingTask(buyers[buyer], nodes[node], amount, "0x" + receipt.hex())


def _ascending(addresses: Iterable[Address]) -> list[Address]:
    return sorted(set(addresses), key=str.lower)


def _money(sums: Counter[Address]) -> dict[Address, Money]:
    return {party: Money(amount) for party, amount in sums.items()}


def _mismatch(detail: str) -> ProtocolError:
    return ProtocolError(Reason.BATCH_MISMATCH, detail)
