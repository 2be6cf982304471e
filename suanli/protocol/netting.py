"""Multilateral netting: many small payments packed into one batch that all its parties sign once.

The packed form is the calldata of `Settlement.settleBatch` and the public record of every task. Pure.

    batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8
            ‖ buyers: 20 B each ‖ payees: 20 B each
            ‖ nodes: (address 20 B ‖ payee index u8 ‖ first word u56 ‖ words u8) each; all three ascending
            ‖ for each node, for each of its words of serials: mask 32 B, then a task of 25 B for each set
              bit, lowest first: buyer index u8 ‖ amount u64 ‖ first half of the receipt id 16 B

A task's serial is `256 * (first word + place of its word) + bit` in its node's space (`serials.py`).
"""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from suanli.protocol.messages import Netting
from suanli.protocol.party_tables import (
    address_bytes,
    address_of,
    ascending,
    check_table,
    mismatch,
    read_accounts,
)
from suanli.protocol.serials import check_words, masks_of, reference_of, serials_in, word_range
from suanli.protocol.units import Money, fee_rounded_down
from suanli.protocol.values import Address, Hash

_HEAD = struct.Struct(">QBBB")
_ADDRESS_BYTES = 20
_NODE = struct.Struct(">20sB7sB")
_MASK = struct.Struct(">32s")
_TASK = struct.Struct(">BQ16s")
_UINT64 = 1 << 64


@dataclass(frozen=True, slots=True)
class NettingTask:
    """One payment: `buyer` pays `amount` atoms (the fee inside) to `node` for `receipt`.

    `serial` is that of the receipt's lease; it counts in the node's space.
    """

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
        """The tasks in the order of the packed form: by node, then by serial."""
        return tuple(sorted(self.tasks, key=lambda task: (task.node.lower(), task.serial)))

    def serials(self) -> dict[Address, tuple[int, ...]]:
        """The serials of each node that are paid; nodes and serials ascend."""
        found: dict[Address, list[int]] = {}
        for task in self.in_order():
            found.setdefault(task.node, []).append(task.serial)
        return {node: tuple(serials) for node, serials in found.items()}


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

    `payees` are the nodes with the account that is paid for each, `words` with the words of their serials
    that the batch holds a mask of; `accounts` is the table of the payees. All ascend.
    """

    epoch: int
    buyers: tuple[Address, ...]
    accounts: tuple[Address, ...]
    payees: Mapping[Address, Address]
    words: Mapping[Address, range]
    tasks: tuple[PackedTask, ...]

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
    tasks, nodes = batch.in_order(), batch.nodes()
    if len({task.receipt for task in tasks}) != len(tasks):
        raise mismatch("a receipt stands in the batch twice")
    if missing := [node for node in nodes if node not in batch.payees]:
        raise mismatch(f"the batch names no payee of the node {missing[0]}")
    payees = {node: batch.payees[node] for node in nodes}
    words = {node: word_range(serials) for node, serials in batch.serials().items()}
    lines = (PackedTask(t.buyer, t.node, t.amount, reference_of(t.receipt), t.serial) for t in tasks)
    accounts = ascending(payees.values())
    return PackedBatch(batch.epoch, batch.buyers(), accounts, payees, words, tuple(lines))


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
    for node, words in found.words.items():
        if words != word_range([task.serial for task in found.tasks if task.node == node]):
            raise mismatch("a node's words begin before its first serial or end after its last")
    return found


def read_packed(packed: bytes) -> PackedBatch:
    """Calldata as the contract reads it, unused parties and words included; for auditors.

    Raises ProtocolError(BATCH_MISMATCH) where the contract would refuse the form.
    """
    if len(packed) < _HEAD.size:
        raise mismatch("the batch is shorter than its head")
    epoch, buyer_count, payee_count, node_count = _HEAD.unpack_from(packed)
    payees_at = _HEAD.size + buyer_count * _ADDRESS_BYTES
    nodes_at = payees_at + payee_count * _ADDRESS_BYTES
    words_at = nodes_at + node_count * _NODE.size
    if len(packed) < words_at:
        raise mismatch("the batch is shorter than the tables of its parties")
    buyers = read_accounts(packed[_HEAD.size : payees_at])
    accounts = read_accounts(packed[payees_at:nodes_at])
    payees, words = _read_nodes(packed[nodes_at:words_at], accounts)
    tasks = tuple(_read_tasks(packed[words_at:], buyers, words))
    if not tasks:
        raise mismatch("the batch has no tasks")
    return PackedBatch(epoch, buyers, accounts, payees, words, tasks)


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
    buyer_index, account_index = _indexes(batch.buyers), _indexes(batch.accounts)
    parts = [_HEAD.pack(batch.epoch, len(batch.buyers), len(batch.accounts), len(batch.nodes))]
    parts += [address_bytes(account) for account in (*batch.buyers, *batch.accounts)]
    for node, payee in batch.payees.items():
        words = batch.words[node]
        first = words.start.to_bytes(7, "big")
        parts.append(_NODE.pack(address_bytes(node), account_index[payee], first, len(words)))
    for node in batch.nodes:
        parts += _write_words(batch.words[node], [t for t in batch.tasks if t.node == node], buyer_index)
    return b"".join(parts)


def _write_words(
    words: range, tasks: Sequence[PackedTask], buyer_index: Mapping[Address, int]
) -> Iterator[bytes]:
    by_serial = {task.serial: task for task in tasks}
    masks = masks_of(task.serial for task in tasks)
    for word in words:
        mask = masks.get(word, 0)
        yield _MASK.pack(mask.to_bytes(32, "big"))
        for serial in serials_in({word: mask}):
            task = by_serial[serial]
            yield _TASK.pack(buyer_index[task.buyer], task.amount, bytes.fromhex(task.reference[2:]))


def _check_packable(batch: PackedBatch) -> None:
    if not batch.tasks:
        raise mismatch("the batch has no tasks")
    for table in (batch.buyers, batch.accounts, batch.nodes):
        check_table(table)
    if not all(0 <= number < _UINT64 for number in (batch.epoch, *(task.amount for task in batch.tasks))):
        raise mismatch("the epoch or an amount does not fit uint64")
    for words in batch.words.values():
        check_words(words)


def _read_nodes(
    table: bytes, accounts: Sequence[Address]
) -> tuple[dict[Address, Address], dict[Address, range]]:
    rows = [(address_of(node), *rest) for node, *rest in _NODE.iter_unpack(table)]
    check_table([row[0] for row in rows])
    payees, words = {}, {}
    for node, payee, first, count in rows:
        if payee >= len(accounts):
            raise mismatch("a node of the batch points past the payees")
        start = int.from_bytes(first, "big")
        payees[node], words[node] = accounts[payee], range(start, start + count)
        check_words(words[node])
    return payees, words


def _read_tasks(
    body: bytes, buyers: Sequence[Address], words: Mapping[Address, range]
) -> Iterator[PackedTask]:
    """The tasks behind the tables. Raises unless the body ends with the last of them."""
    at = 0
    for node, word in ((node, word) for node, its in words.items() for word in its):
        mask = _take(body, at, _MASK)[0]
        at += _MASK.size
        for serial in serials_in({word: int.from_bytes(mask, "big")}):
            buyer, amount, reference = _take(body, at, _TASK)
            at += _TASK.size
            if buyer >= len(buyers):
                raise mismatch("a task of the batch points past the buyers")
            yield PackedTask(buyers[buyer], node, amount, "0x" + reference.hex(), serial)
    if at != len(body):
        raise mismatch(f"after the batch's last task {len(body) - at} bytes are left")


def _take(body: bytes, position: int, form: struct.Struct) -> tuple[Any, ...]:
    if len(body) < position + form.size:
        raise mismatch("the batch ends before its last task does")
    return form.unpack_from(body, position)


def _indexes(table: Iterable[Address]) -> dict[Address, int]:
    return {address: index for index, address in enumerate(table)}


def _money(sums: Counter[Address]) -> dict[Address, Money]:
    return {party: Money(amount) for party, amount in sums.items()}
