"""Netting by root: a batch lists what each party pays or earns and a root over the receipts, not the tasks.

The packed form is the calldata of `Settlement.settleRoot`. Signers know the receipts from elsewhere. Pure.

    batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ tasks u32 ‖ root of the receipts 32 B
            ‖ buyers: (address 20 B ‖ debit u64) each ‖ payees: 20 B each
            ‖ nodes: (address 20 B ‖ payee index u8 ‖ gross u64 ‖ first word u56 ‖ words u8) each;
              all three ascending by address
            ‖ masks: 32 B for each of the nodes' words, in the nodes' order

The bits of a node's masks are its serials that are paid; the root is over the receipts by node and serial.
"""

import struct
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from eth_utils.crypto import keccak

from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import RootNetting
from suanli.protocol.netting import Batch, Net, packed_form
from suanli.protocol.party_tables import (
    address_bytes,
    address_of,
    ascending,
    check_table,
    mismatch,
    read_accounts,
)
from suanli.protocol.serials import check_words, masks_of, serials_in
from suanli.protocol.units import Money, fee_rounded_down
from suanli.protocol.values import Address, Hash

_HEAD = struct.Struct(">QBBBI32s")
_BUYER = struct.Struct(">20sQ")
_ADDRESS_BYTES = 20
_NODE = struct.Struct(">20sBQ7sB")
_MASK = struct.Struct(">32s")
_UINT64 = 1 << 64


@dataclass(frozen=True, slots=True)
class RootNode:
    """What a node earns in atoms, the fee still inside, the account that is paid, and for which serials:
    `masks` of consecutive words from `first_word` on.
    """

    payee: Address
    gross: int
    first_word: int
    masks: tuple[int, ...]

    def words(self) -> range:
        """The words of serials that the batch holds a mask of."""
        return range(self.first_word, self.first_word + len(self.masks))

    def serials(self) -> tuple[int, ...]:
        """The serials that are paid, ascending."""
        return serials_in(dict(zip(self.words(), self.masks, strict=True)))


@dataclass(frozen=True, slots=True)
class RootBatch:
    """A batch by root as it stands in calldata; `debits` is what each buyer pays. Both tables ascend."""

    epoch: int
    tasks: int
    root: Hash
    debits: Mapping[Address, int]
    nodes: Mapping[Address, RootNode]

    @property
    def buyers(self) -> tuple[Address, ...]:
        """The accounts that pay, ascending."""
        return tuple(self.debits)

    def parties(self) -> tuple[Address, ...]:
        """Everyone who signs, in the order of the signatures: buyers, then nodes."""
        return (*self.debits, *self.nodes)

    def payees(self) -> dict[Address, Address]:
        """The account that is paid for each node."""
        return {node: row.payee for node, row in self.nodes.items()}


def root_form(batch: Batch) -> RootBatch:
    """The batch with sums and a root in place of its tasks. Raises ProtocolError(BATCH_MISMATCH)."""
    if not batch.tasks:
        raise mismatch("the batch has no tasks")
    listed = packed_form(batch)
    paid, gross = Counter[Address](), Counter[Address]()
    for task in batch.tasks:
        paid[task.buyer] += task.amount
        gross[task.node] += task.amount
    debits = {buyer: paid[buyer] for buyer in listed.buyers}
    nodes = {
        node: _node(listed.payees[node], gross[node], listed.words[node], serials)
        for node, serials in batch.serials().items()
    }
    root = receipts_root([task.receipt for task in batch.in_order()])
    return RootBatch(batch.epoch, len(batch.tasks), root, debits, nodes)


def pack(batch: RootBatch) -> bytes:
    """The batch's calldata. Raises ProtocolError(BATCH_MISMATCH) when it cannot be packed."""
    accounts = ascending(row.payee for row in batch.nodes.values())
    _check_packable(batch, accounts)
    counts = (len(batch.debits), len(accounts), len(batch.nodes))
    parts = [_HEAD.pack(batch.epoch, *counts, batch.tasks, bytes.fromhex(batch.root[2:]))]
    parts += [_BUYER.pack(address_bytes(buyer), debit) for buyer, debit in batch.debits.items()]
    parts += [address_bytes(account) for account in accounts]
    for node, row in batch.nodes.items():
        first = row.first_word.to_bytes(7, "big")
        payee = accounts.index(row.payee)
        parts.append(_NODE.pack(address_bytes(node), payee, row.gross, first, len(row.masks)))
    parts += [mask.to_bytes(32, "big") for row in batch.nodes.values() for mask in row.masks]
    return b"".join(parts)


def unpack(packed: bytes) -> RootBatch:
    """The batch in calldata. Raises ProtocolError(BATCH_MISMATCH) unless `pack` yields the same bytes."""
    batch = read_packed(packed)
    if pack(batch) != packed:
        raise mismatch("the batch names a payee that has no node in it")
    return batch


def read_packed(packed: bytes) -> RootBatch:
    """Calldata as the contract reads it; for auditors.

    Raises ProtocolError(BATCH_MISMATCH) where the contract would refuse the form.
    """
    if len(packed) < _HEAD.size:
        raise mismatch("the batch is shorter than its head")
    epoch, buyer_count, payee_count, node_count, tasks, root = _HEAD.unpack_from(packed)
    payees_at = _HEAD.size + buyer_count * _BUYER.size
    nodes_at = payees_at + payee_count * _ADDRESS_BYTES
    masks_at = nodes_at + node_count * _NODE.size
    if len(packed) < masks_at or (len(packed) - masks_at) % _MASK.size:
        raise mismatch("the batch's length does not fit its parties and whole masks")
    debits = _read_buyers(packed[_HEAD.size : payees_at])
    accounts = read_accounts(packed[payees_at:nodes_at])
    masks = (int.from_bytes(mask, "big") for (mask,) in _MASK.iter_unpack(packed[masks_at:]))
    nodes = _read_nodes(packed[nodes_at:masks_at], accounts, masks)
    if next(masks, None) is not None:
        raise mismatch("the batch has more masks than its nodes have words")
    batch = RootBatch(epoch, tasks, "0x" + root.hex(), debits, nodes)
    _check_sums(batch)
    return batch


def net(batch: RootBatch, fee_basis_points: int) -> Net:
    """What the batch moves; the fee of each node is rounded down on its own, as the contract does."""
    fees = {node: fee_rounded_down(row.gross, fee_basis_points) for node, row in batch.nodes.items()}
    return Net(
        {buyer: Money(debit) for buyer, debit in batch.debits.items()},
        {node: Money(row.gross - fees[node]) for node, row in batch.nodes.items()},
        Money(sum(fees.values())),
    )


def batch_hash(packed: bytes) -> Hash:
    """keccak256 of the packed batch: the `batch` field of `RootNetting` and of the event `RootSettled`."""
    return "0x" + keccak(packed).hex()


def message(batch: RootBatch) -> RootNetting:
    """What every party of the batch signs."""
    return RootNetting(epoch=batch.epoch, batch=batch_hash(pack(batch)))


def _node(payee: Address, gross: int, words: range, serials: Sequence[int]) -> RootNode:
    masks = masks_of(serials)
    return RootNode(payee, gross, words.start, tuple(masks.get(word, 0) for word in words))


def _check_packable(batch: RootBatch, accounts: tuple[Address, ...]) -> None:
    for table in (batch.buyers, accounts, tuple(batch.nodes)):
        check_table(table)
    amounts = [*batch.debits.values(), *(row.gross for row in batch.nodes.values())]
    if not all(0 <= number < _UINT64 for number in (batch.epoch, *amounts)):
        raise mismatch("the epoch or an amount does not fit uint64")
    _check_sums(batch)


def _check_sums(batch: RootBatch) -> None:
    if not batch.tasks:
        raise mismatch("the batch has no tasks")
    for row in batch.nodes.values():
        check_words(row.words())
    if sum(mask.bit_count() for row in batch.nodes.values() for mask in row.masks) != batch.tasks:
        raise mismatch("the masks do not mark as many serials as the batch has tasks")
    if sum(batch.debits.values()) != sum(row.gross for row in batch.nodes.values()):
        raise mismatch("the nodes do not earn what the buyers pay")


def _read_buyers(table: bytes) -> dict[Address, int]:
    rows = [(address_of(buyer), debit) for buyer, debit in _BUYER.iter_unpack(table)]
    check_table([buyer for buyer, _ in rows])
    return dict(rows)


def _read_nodes(table: bytes, accounts: Sequence[Address], masks: Iterator[int]) -> dict[Address, RootNode]:
    names: list[Address] = []
    nodes: dict[Address, RootNode] = {}
    for node, payee, gross, first, words in _NODE.iter_unpack(table):
        if payee >= len(accounts):
            raise mismatch("a node of the batch points past the payees")
        taken = tuple(islice(masks, words))
        if len(taken) != words:
            raise mismatch("the batch has fewer masks than its nodes have words")
        names.append(address_of(node))
        nodes[names[-1]] = RootNode(accounts[payee], gross, int.from_bytes(first, "big"), taken)
    check_table(names)
    return nodes
