"""What an operator anchors of a clearing, and what its leaves prove: the book, the leases, the prices. Pure.

Both trees are over ascending ids, so that two neighbours show what is not between them. `EpochAnchors.sol`
judges by the same rules; an operator that builds its anchors here and keeps its promises commits no fault.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from eth_utils.crypto import keccak
from pydantic import Field, model_validator

from suanli.protocol.documents import Document
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import MerkleTree, verify
from suanli.protocol.messages import EpochAnchor, Lease, Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash, Uint64

NOTHING = "0x" + "0" * 64
"""The root of a tree without leaves, and the hash of no prices."""


class FaultReason(IntEnum):
    """What an operator was proved to have done; mirrors `IEpochAnchors.sol`."""

    EQUIVOCATION = 0
    NOT_ANCHORED = 1
    ORDER_LEFT_OUT = 2
    BOOK_UNSORTED = 3
    BOOK_MISCOUNTED = 4
    LEASE_OUTSIDE_ORDER = 5
    LEASE_OUTSIDE_ASK = 6


@dataclass(frozen=True, slots=True)
class BookLeaf:
    """Number `index` of an anchored list, with its siblings up to the root."""

    index: int
    hash: Hash
    proof: tuple[Hash, ...]

    def is_under(self, root: Hash) -> bool:
        """Whether the leaf lies under `root`."""
        return verify(root, self.index, self.hash, self.proof)


class EpochLeases(Document):
    """All leases of one epoch, ascending by id: what the clearing became."""

    epoch: Uint64
    leases: tuple[Lease, ...]


class AnchoredClearing(Document):
    """What an auditor needs of one epoch; its content hash is the anchor's `evidence`.

    `clearing`, `book`, `certificate` and `lease_messages` (`EpochLeases`) are the content hashes of the
    clearing's documents; `orders` are the orders of the book and those promised for this epoch that ended
    before it, ascending; `leases` ascend too, and `prices` are theirs, one by one. Without a certificate or
    lease messages, the canonical JSON does not mention them.
    """

    epoch: Uint64
    clearing: Hash
    book: Hash
    certificate: Hash | None = Field(default=None, exclude_if=lambda value: value is None)
    lease_messages: Hash | None = Field(default=None, exclude_if=lambda value: value is None)
    orders: tuple[Hash, ...]
    leases: tuple[Hash, ...]
    prices: tuple[Prices, ...]

    @model_validator(mode="after")
    def _check_lists(self) -> Self:
        for ids in (self.orders, self.leases):
            if any(one >= other for one, other in itertools.pairwise(ids)):
                raise ValueError("orders and leases ascend, each once")
        if len(self.prices) != len(self.leases):
            raise ValueError("each lease has its prices")
        return self

    def anchor(self) -> EpochAnchor:
        """The one anchor of this clearing."""
        return EpochAnchor(
            epoch=self.epoch,
            bookRoot=root_of(self.orders),
            matchRoot=root_of(self.leases),
            prices=prices_hash(self.prices),
            orders=len(self.orders),
            leases=len(self.leases),
            evidence=self.content_hash(),
        )


def epoch_leases(epoch: int, leases: Iterable[Lease]) -> EpochLeases:
    """The document of an epoch's leases, in any order."""
    return EpochLeases(epoch=epoch, leases=tuple(sorted(leases, key=lambda lease: lease.id())))


def anchored_clearing(
    epoch: int,
    clearing: Hash,
    book: Hash,
    orders: Iterable[Hash],
    leases: Iterable[Lease],
    certificate: Hash | None = None,
    lease_messages: Hash | None = None,
) -> AnchoredClearing:
    """The evidence of an epoch from its orders' ids and its leases, in any order."""
    by_id = {lease.id(): lease.prices for lease in leases}
    return AnchoredClearing(
        epoch=epoch,
        clearing=clearing,
        book=book,
        certificate=certificate,
        lease_messages=lease_messages,
        orders=tuple(sorted(set(orders))),
        leases=tuple(sorted(by_id)),
        prices=tuple(by_id[lease] for lease in sorted(by_id)),
    )


def root_of(ids: Sequence[Hash]) -> Hash:
    """The root over ids in their order; `NOTHING` for none."""
    return MerkleTree(ids).root() if ids else NOTHING


def prices_hash(prices: Sequence[Prices]) -> Hash:
    """keccak256 of the prices' struct hashes, one after the other; `NOTHING` for none."""
    if not prices:
        return NOTHING
    return "0x" + keccak(b"".join(one.struct_hash() for one in prices)).hex()


def leaf_of(ids: Sequence[Hash], hash_: Hash) -> BookLeaf:
    """Shows that an id is in an ascending list. Raises ProtocolError(NOT_FOUND)."""
    index = bisect_left(ids, hash_)
    if index == len(ids) or ids[index] != hash_:
        raise ProtocolError(Reason.NOT_FOUND, f"{hash_} is not among the {len(ids)} ids")
    return _leaf(MerkleTree(ids), ids, index)


def neighbours_of(orders: Sequence[Hash], order: Hash) -> tuple[BookLeaf, ...]:
    """Shows that an order is not in an ascending book: the leaves around it, one at an edge, none if empty.

    Raises ProtocolError(DOCUMENT_MALFORMED) when the book has it.
    """
    above = bisect_left(orders, order)
    if above < len(orders) and orders[above] == order:
        raise ProtocolError(Reason.DOCUMENT_MALFORMED, f"the book has the order {order}")
    if not orders:
        return ()
    tree = MerkleTree(orders)
    around = [index for index in (above - 1, above) if 0 <= index < len(orders)]
    return tuple(_leaf(tree, orders, index) for index in around)


def leaves_out(anchor: EpochAnchor, order: Hash, neighbours: Sequence[BookLeaf]) -> bool:
    """Whether leaves of an anchored book show that `order` is not in it."""
    if not all(leaf.is_under(anchor.bookRoot) for leaf in neighbours):
        return False
    match neighbours:
        case []:
            return anchor.orders == 0
        case [edge]:
            if order < edge.hash:
                return edge.index == 0
            return edge.hash < order and edge.index + 1 == anchor.orders
        case [lower, upper]:
            return lower.index + 1 == upper.index and lower.hash < order < upper.hash
    return False


def is_unsorted(anchor: EpochAnchor, first: BookLeaf, second: BookLeaf) -> bool:
    """Whether two leaves show that an anchored book does not ascend."""
    both = first.is_under(anchor.bookRoot) and second.is_under(anchor.bookRoot)
    return both and first.index < second.index and first.hash >= second.hash


def is_miscounted(anchor: EpochAnchor, leaf: BookLeaf) -> bool:
    """Whether a leaf shows that an anchored book has more or fewer orders than it says."""
    if not leaf.is_under(anchor.bookRoot):
        return False
    return leaf.index >= anchor.orders or len(leaf.proof) != siblings(leaf.index, anchor.orders)


def siblings(index: int, size: int) -> int:
    """How many siblings lie on the way from leaf `index` to the root of a tree with `size` leaves."""
    count = 0
    while size > 1:
        count += (index ^ 1) < size
        index, size = index >> 1, (size + 1) >> 1
    return count


def _leaf(tree: MerkleTree, ids: Sequence[Hash], index: int) -> BookLeaf:
    return BookLeaf(index, ids[index], tuple(tree.proof(index)))
