"""Multilateral netting: many small payments packed into one batch that all its parties sign once.

The packed form is the calldata of `Settlement.settleBatch` and the public record of every task. Pure.

    batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8
            ‖ buyers: (address 20 B ‖ base u64) each ‖ payees: 20 B each
            ‖ nodes: (address 20 B ‖ payee index u8) each; all three ascending by address
            ‖ tasks of 28 B each, ascending by buyer and offset:
              buyer index u8 ‖ node index u8 ‖ amount u64 ‖ offset u16 ‖ first half of the receipt id 16 B

A task's serial is its buyer's base (a multiple of 256) and its offset together.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak

from suanli.protocol.messages import Netting
from suanli.protocol.party_tables import (
    address_bytes,
    address_of,
    ascending,
    check_table,
    mismatch,
)
from suanli.protocol.serials import MAXIMUM_SERIAL, SERIALS_PER_WORD, reference_of
from suanli.protocol.units import Money, fee_rounded_down
from suanli.protocol.values import Address, Hash

OFFSETS = 1 << 16
"""How far the serials of one buyer may lie apart within a batch, counted from its base."""

_HEAD = struct.Struct(">QBBB")
_BUYER = struct.Struct(">20sQ")
_PAYEE = struct.Struct(">20s")
_NODE = struct.Struct(">20sB")
_TASK = struct.Struct(">BBQH16s")
_UINT64 = 1 << 64


@dataclass(frozen=True, slots=True)
class NettingTask:
    """One payment: `buyer` pays `amount` atoms (the fee inside) to `node` for `receipt` of lease `serial`."""

    buyer: Address
    node: Address
    amount: int
    receipt: Hash
    serial: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments that land together; `epoch` must exceed that of every buyer's account.

    `payees` names the account that is paid for each node: the node's owner.
    """

    epoch: int
    tasks: tuple[NettingTask, ...]
    payees: Mapping[Address, Address]

    def buyers(self) -> tuple[Address, ...]:
        """The accounts that pay, ascending."""
        return ascending(task.buyer for task in self.tasks)

    def nodes(self) -> tuple[Address, ...]:
        """The nodes that are paid, ascending."""
        return ascending(task.node for task in self.tasks)

    def in_order(self) -> tuple[NettingTask, ...]:
        """The tasks in the order of the packed form: by buyer, then by serial."""
        return tuple(sorted(self.tasks, key=lambda task: (task.buyer.lower(), task.serial)))


@dataclass(frozen=True, slots=True)
class PackedTask:
    """One payment as it stands in calldata: of the receipt's id only the first half, `reference`."""

    buyer: Address
    node: Address
    amount: int
    reference: str
    serial: int


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """A batch as it stands in calldata, with its party tables, which may name parties without a task.

    `bases` are the buyers with the serial that their offsets count from; `payees` the nodes with the account
    that is paid for each; `accounts` the table of those accounts; all ascending.
    """

    epoch: int
    bases: Mapping[Address, int]
    payees: Mapping[Address, Address]
    accounts: tuple[Address, ...]
    tasks: tuple[PackedTask, ...]

    @property
    def buyers(self) -> tuple[Address, ...]:
        """The accounts that pay, ascending."""
        return tuple(self.bases)

    @property
    def nodes(self) -> tuple[Address, ...]:
        """The nodes that are paid, ascending."""
        return tuple(self.payees)

    def parties(self) -> tuple[Address, ...]:
        """Everyone who signs, in the order of the signatures: buyers, then nodes."""
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

    def credits(self, payees: Mapping[Address, Address]) -> dict[Address, Money]:
        """What each account receives, when `payees` names the account of each node."""
        sums = Counter[Address]()
        for node, amount in self.earned.items():
            sums[payees[node]] += amount
        return _money(sums)

    def deltas(self) -> dict[Address, int]:
        """Signed change by party (buyer's account or node); the fee is what they lack to add up to zero."""
        changes = Counter[Address](self.earned)
        changes.subtract(self.paid)
        return dict(changes)


def packed_form(batch: Batch) -> PackedBatch:
    """What of the batch stands in calldata. Raises ProtocolError(BATCH_MISMATCH) when it cannot be packed."""
    tasks = batch.in_order()
    _check_receipts(tasks)
    buyers, nodes = batch.buyers(), batch.nodes()
    if missing := [node for node in nodes if node not in batch.payees]:
        raise mismatch(f"the batch names no payee of the node {missing[0]}")
    bases = {buyer: _base(task.serial for task in tasks if task.buyer == buyer) for buyer in buyers}
    payees = {node: batch.payees[node] for node in nodes}
    lines = (PackedTask(t.buyer, t.node, t.amount, reference_of(t.receipt), t.serial) for t in tasks)
    return PackedBatch(batch.epoch, bases, payees, ascending(payees.values()), tuple(lines))


def pack(batch: Batch) -> bytes:
    """The batch's calldata. Raises ProtocolError(BATCH_MISMATCH) when it cannot be packed."""
    return _write(packed_form(batch))


def unpack(packed: bytes) -> PackedBatch:
    """The batch in calldata. Raises ProtocolError(BATCH_MISMATCH) unless `pack` yields the same bytes."""
    found = read_packed(packed)
    if found.buyers != ascending(task.buyer for task in found.tasks):
        raise mismatch("the batch names a buyer that has no task in it")
    if found.nodes != ascending(task.node for task in found.tasks):
        raise mismatch("the batch names a node that has no task in it")
    if found.accounts != ascending(found.payees.values()):
        raise mismatch("the batch names a payee that has no node in it")
    for buyer, base in found.bases.items():
        if base != _base(task.serial for task in found.tasks if task.buyer == buyer):
            raise mismatch("a buyer's serials are not counted from the word of their first")
    return found


def read_packed(packed: bytes) -> PackedBatch:
    """Calldata as the contract reads it, unused parties included; for auditors.

    Raises ProtocolError(BATCH_MISMATCH) where the contract would refuse the form.
    """
    if len(packed) < _HEAD.size:
        raise mismatch("the batch is shorter than its head")
    epoch, buyer_count, payee_count, node_count = _HEAD.unpack_from(packed)
    payees_at = _HEAD.size + buyer_count * _BUYER.size
    nodes_at = payees_at + payee_count * _PAYEE.size
    tasks_at = nodes_at + node_count * _NODE.size
    if len(packed) < tasks_at + _TASK.size or (len(packed) - tasks_at) % _TASK.size:
        raise mismatch("the batch's length does not fit its parties and one or more whole tasks")
    bases = _read_buyers(packed[_HEAD.size : payees_at])
    accounts = tuple(address_of(account) for (account,) in _PAYEE.iter_unpack(packed[payees_at:nodes_at]))
    check_table(accounts)
    payees = _read_nodes(packed[nodes_at:tasks_at], accounts)
    return PackedBatch(epoch, bases, payees, accounts, _read_tasks(packed[tasks_at:], bases, payees))


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


def _write(batch: PackedBatch) -> bytes:
    _check_packable(batch)
    buyer_index, account_index, node_index = map(_indexes, (batch.buyers, batch.accounts, batch.nodes))
    head = _HEAD.pack(batch.epoch, len(buyer_index), len(account_index), len(node_index))
    parts = [head, *(_BUYER.pack(address_bytes(buyer), base) for buyer, base in batch.bases.items())]
    parts += [address_bytes(account) for account in batch.accounts]
    parts += [_NODE.pack(address_bytes(node), account_index[payee]) for node, payee in batch.payees.items()]
    for task in batch.tasks:
        offset = task.serial - batch.bases[task.buyer]
        reference = bytes.fromhex(task.reference[2:])
        parts.append(
            _TASK.pack(buyer_index[task.buyer], node_index[task.node], task.amount, offset, reference)
        )
    return b"".join(parts)


def _check_packable(batch: PackedBatch) -> None:
    if not batch.tasks:
        raise mismatch("the batch has no tasks")
    for table in (batch.buyers, batch.accounts, batch.nodes):
        check_table(table)
    if not all(0 <= number < _UINT64 for number in (batch.epoch, *(task.amount for task in batch.tasks))):
        raise mismatch("the epoch or an amount does not fit uint64")
    for task in batch.tasks:
        if not 0 <= task.serial <= MAXIMUM_SERIAL:
            raise mismatch("a serial does not fit uint64")
        if task.serial - batch.bases[task.buyer] >= OFFSETS:
            raise mismatch(f"a buyer's serials lie {OFFSETS} or more apart")
    if len({(task.buyer, task.serial) for task in batch.tasks}) != len(batch.tasks):
        raise mismatch("a serial stands in the batch twice")


def _check_receipts(tasks: Sequence[NettingTask]) -> None:
    if len({task.receipt for task in tasks}) != len(tasks):
        raise mismatch("a receipt stands in the batch twice")


def _read_buyers(table: bytes) -> dict[Address, int]:
    rows = [(address_of(buyer), base) for buyer, base in _BUYER.iter_unpack(table)]
    check_table([buyer for buyer, _ in rows])
    if any(base % SERIALS_PER_WORD for _, base in rows):
        raise mismatch(f"a buyer's base is not a multiple of {SERIALS_PER_WORD}")
    return dict(rows)


def _read_nodes(table: bytes, accounts: Sequence[Address]) -> dict[Address, Address]:
    rows = [(address_of(node), payee) for node, payee in _NODE.iter_unpack(table)]
    check_table([node for node, _ in rows])
    if any(payee >= len(accounts) for _, payee in rows):
        raise mismatch("a node of the batch points past the payees")
    return {node: accounts[payee] for node, payee in rows}


def _read_tasks(
    table: bytes, bases: Mapping[Address, int], payees: Mapping[Address, Address]
) -> tuple[PackedTask, ...]:
    buyers, nodes = tuple(bases), tuple(payees)
    tasks, last = [], (-1, -1)
    for buyer, node, amount, offset, reference in _TASK.iter_unpack(table):
        if buyer >= len(buyers) or node >= len(nodes):
            raise mismatch("a task of the batch points past the parties")
        if (buyer, offset) <= last:
            raise mismatch("the tasks do not ascend strictly by buyer and offset")
        last, serial = (buyer, offset), bases[buyers[buyer]] + offset
        if serial > MAXIMUM_SERIAL:
            raise mismatch("a serial does not fit uint64")
        tasks.append(PackedTask(buyers[buyer], nodes[node], amount, "0x" + reference.hex(), serial))
    return tuple(tasks)


def _base(serials: Iterable[int]) -> int:
    return min(serials) // SERIALS_PER_WORD * SERIALS_PER_WORD


def _indexes(table: Iterable[Address]) -> dict[Address, int]:
    return {address: index for index, address in enumerate(table)}


def _money(sums: Counter[Address]) -> dict[Address, Money]:
    return {party: Money(amount) for party, amount in sums.items()}
