"""Netting by root: a batch lists what each party pays or earns and a root over the receipts, not the tasks.

The packed form is the calldata of `Settlement.settleRoot`. Signers know the receipts from elsewhere. Pure.

    batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ tasks u32 ‖ root of the receipts 32 B
            ‖ buyers: (address 20 B ‖ debit u64 ‖ base u64 ‖ words u8) each ‖ payees: 20 B each
            ‖ nodes: (address 20 B ‖ payee index u8 ‖ gross u64) each; all three ascending by address
            ‖ masks: 32 B for each of the buyers' words, in the buyers' order

The first of a buyer's words is `base / 256`; the bits of all masks are the serials that are paid.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from eth_utils.crypto import keccak

from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import RootNetting
from suanli.protocol.netting import Batch, Net, packed_form
from suanli.protocol.party_tables import address_bytes, address_of, ascending, check_table, mismatch
from suanli.protocol.serials import MAXIMUM_SERIAL, SERIALS_PER_WORD, masks_of, serials_in, word_of
from suanli.protocol.units import Money, fee_rounded_down
from suanli.protocol.values import Address, Hash

MAXIMUM_WORDS = 255
"""Of one buyer: how far its serials may lie apart, in words of 256."""

_HEAD = struct.Struct(">QBBBI32s")
_BUYER = struct.Struct(">20sQQB")
_PAYEE = struct.Struct(">20s")
_NODE = struct.Struct(">20sBQ")
_MASK = struct.Struct(">32s")
_UINT64 = 1 << 64


@dataclass(frozen=True, slots=True)
class RootBuyer:
    """What a buyer pays in atoms and for which serials: `masks` of consecutive words from `base` on."""

    debit: int
    base: int
    masks: tuple[int, ...]

    def serials(self) -> tuple[int, ...]:
        """The serials that are paid, ascending."""
        return serials_in({word_of(self.base) + index: mask for index, mask in enumerate(self.masks)})


@dataclass(frozen=True, slots=True)
class RootNode:
    """What a node earns in atoms, the fee still inside, and the account that is paid for it."""

    payee: Address
    gross: int


@dataclass(frozen=True, slots=True)
class RootBatch:
    """A batch by root as it stands in calldata; both tables ascend."""

    epoch: int
    tasks: int
    root: Hash
    buyers: Mapping[Address, RootBuyer]
    nodes: Mapping[Address, RootNode]

    def parties(self) -> tuple[Address, ...]:
        """Everyone who signs, in the order of the signatures: buyers, then nodes."""
        return (*self.buyers, *self.nodes)

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
    buyers = {
        buyer: _buyer(paid[buyer], base, (task.serial for task in batch.tasks if task.buyer == buyer))
        for buyer, base in listed.bases.items()
    }
    nodes = {node: RootNode(payee, gross[node]) for node, payee in listed.payees.items()}
    root = receipts_root([task.receipt for task in batch.in_order()])
    return RootBatch(batch.epoch, len(batch.tasks), root, buyers, nodes)


def pack(batch: RootBatch) -> bytes:
    """The batch's calldata. Raises ProtocolError(BATCH_MISMATCH) when it cannot be packed."""
    accounts = ascending(row.payee for row in batch.nodes.values())
    _check_packable(batch, accounts)
    counts = (len(batch.buyers), len(accounts), len(batch.nodes))
    parts = [_HEAD.pack(batch.epoch, *counts, batch.tasks, bytes.fromhex(batch.root[2:]))]
    for buyer, row in batch.buyers.items():
        parts.append(_BUYER.pack(address_bytes(buyer), row.debit, row.base, len(row.masks)))
    parts += [address_bytes(account) for account in accounts]
    for node, earned in batch.nodes.items():
        parts.append(_NODE.pack(address_bytes(node), accounts.index(earned.payee), earned.gross))
    parts += [mask.to_bytes(32, "big") for row in batch.buyers.values() for mask in row.masks]
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
    nodes_at = payees_at + payee_count * _PAYEE.size
    masks_at = nodes_at + node_count * _NODE.size
    if len(packed) < masks_at or (len(packed) - masks_at) % _MASK.size:
        raise mismatch("the batch's length does not fit its parties and whole masks")
    masks = (int.from_bytes(mask, "big") for (mask,) in _MASK.iter_unpack(packed[masks_at:]))
    buyers = _read_buyers(packed[_HEAD.size : payees_at], masks)
    if next(masks, None) is not None:
        raise mismatch("the batch has more masks than its buyers have words")
    accounts = tuple(address_of(account) for (account,) in _PAYEE.iter_unpack(packed[payees_at:nodes_at]))
    check_table(accounts)
    nodes = _read_nodes(packed[nodes_at:masks_at], accounts)
    batch = RootBatch(epoch, tasks, "0x" + root.hex(), buyers, nodes)
    _check_sums(batch)
    return batch


def net(batch: RootBatch, fee_basis_points: int) -> Net:
    """What the batch moves; the fee of each node is rounded down on its own, as the contract does."""
    fees = {node: fee_rounded_down(row.gross, fee_basis_points) for node, row in batch.nodes.items()}
    return Net(
        {buyer: Money(row.debit) for buyer, row in batch.buyers.items()},
        {node: Money(row.gross - fees[node]) for node, row in batch.nodes.items()},
        Money(sum(fees.values())),
    )


def batch_hash(packed: bytes) -> Hash:
    """keccak256 of the packed batch: the `batch` field of `RootNetting` and of the event `RootSettled`."""
    return "0x" + keccak(packed).hex()


def message(batch: RootBatch) -> RootNetting:
    """What every party of the batch signs."""
    return RootNetting(epoch=batch.epoch, batch=batch_hash(pack(batch)))


def _buyer(debit: int, base: int, serials: Iterable[int]) -> RootBuyer:
    masks = masks_of(serials)
    first, last = word_of(base), max(masks)
    return RootBuyer(debit, base, tuple(masks.get(word, 0) for word in range(first, last + 1)))


def _check_packable(batch: RootBatch, accounts: tuple[Address, ...]) -> None:
    for table in (tuple(batch.buyers), accounts, tuple(batch.nodes)):
        check_table(table)
    amounts = [row.debit for row in batch.buyers.values()] + [row.gross for row in batch.nodes.values()]
    if not all(0 <= number < _UINT64 for number in (batch.epoch, *amounts)):
        raise mismatch("the epoch or an amount does not fit uint64")
    if any(len(row.masks) > MAXIMUM_WORDS for row in batch.buyers.values()):
        raise mismatch(f"a buyer's serials lie over {MAXIMUM_WORDS} words apart")
    _check_sums(batch)


def _check_sums(batch: RootBatch) -> None:
    if not batch.tasks:
        raise mismatch("the batch has no tasks")
    for row in batch.buyers.values():
        if row.base % SERIALS_PER_WORD or row.base + len(row.masks) * SERIALS_PER_WORD > MAXIMUM_SERIAL + 1:
            raise mismatch("a buyer's base is no multiple of 256, or its words do not fit uint64")
    if sum(mask.bit_count() for row in batch.buyers.values() for mask in row.masks) != batch.tasks:
        raise mismatch("the masks do not mark as many serials as the batch has tasks")
    if sum(row.debit for row in batch.buyers.values()) != sum(row.gross for row in batch.nodes.values()):
        raise mismatch("the nodes do not earn what the buyers pay")


def _read_buyers(table: bytes, masks: Iterator[int]) -> dict[Address, RootBuyer]:
    rows: dict[Address, RootBuyer] = {}
    names = []
    for buyer, debit, base, words in _BUYER.iter_unpack(table):
        taken = tuple(islice(masks, words))
        if len(taken) != words:
            raise mismatch("the batch has fewer masks than its buyers have words")
        names.append(address_of(buyer))
        rows[names[-1]] = RootBuyer(debit, base, taken)
    check_table(names)
    return rows


def _read_nodes(table: bytes, accounts: tuple[Address, ...]) -> dict[Address, RootNode]:
    rows = [(address_of(node), payee, gross) for node, payee, gross in _NODE.iter_unpack(table)]
    check_table([node for node, _, _ in rows])
    if any(payee >= len(accounts) for _, payee, _ in rows):
        raise mismatch("a node of the batch points past the payees")
    return {node: RootNode(accounts[payee], gross) for node, payee, gross in rows}
