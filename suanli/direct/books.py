"""Finds in a book's orders the leaves that convict its operator. Raises ClientError where none does. Pure."""

import itertools
from collections.abc import Sequence
from typing import Any

from suanli.direct.coding import raw
from suanli.protocol.anchoring import NOTHING, BookLeaf, neighbours_of
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import EpochAnchor
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


def neighbours(orders: Sequence[Hash], anchored: EpochAnchor, order: Hash) -> list[tuple[Any, ...]]:
    """The leaves around an order that an ascending book lacks."""
    _require_root(orders, anchored)
    if order in orders:
        raise ClientError(Reason.EVIDENCE_CONTRADICTS, f"the book has the order {order}")
    return [_values(leaf) for leaf in neighbours_of(orders, order)]


def unsorted_leaves(orders: Sequence[Hash], anchored: EpochAnchor) -> list[tuple[Any, ...]]:
    """The first two leaves that follow each other and do not ascend."""
    _require_root(orders, anchored)
    for at, (one, other) in enumerate(itertools.pairwise(orders)):
        if one >= other:
            return [_leaf(orders, at), _leaf(orders, at + 1)]
    raise ClientError(Reason.EVIDENCE_CONTRADICTS, "the book's orders ascend")


def miscounted_leaf(orders: Sequence[Hash], anchored: EpochAnchor) -> tuple[Any, ...]:
    """A leaf that cannot lie there in a book of as many orders as the anchor says."""
    _require_root(orders, anchored)
    if len(orders) == anchored.orders:
        raise ClientError(Reason.EVIDENCE_CONTRADICTS, f"the book has its {len(orders)} orders")
    tree = MerkleTree(orders)
    for at in (len(orders) - 1, *range(len(orders))):
        if at >= anchored.orders or len(tree.proof(at)) != _siblings(at, anchored.orders):
            return _values(BookLeaf(at, orders[at], tuple(tree.proof(at))))
    raise ClientError(Reason.EVIDENCE_CONTRADICTS, "no leaf of the book shows another count")


def _siblings(index: int, count: int) -> int:
    """How many siblings leaf `index` of `count` has: an odd node moves up without one."""
    found = 0
    while count > 1:
        found += (index ^ 1) < count
        index, count = index // 2, -(-count // 2)
    return found


def _require_root(orders: Sequence[Hash], anchored: EpochAnchor) -> None:
    root = MerkleTree(orders).root() if orders else NOTHING
    if root != anchored.bookRoot:
        detail = f"the orders' root is {root}, the anchor's {anchored.bookRoot}"
        raise ClientError(Reason.HASH_MISMATCH, detail)


def _leaf(orders: Sequence[Hash], index: int) -> tuple[Any, ...]:
    return _values(BookLeaf(index, orders[index], tuple(MerkleTree(orders).proof(index))))


def _values(leaf: BookLeaf) -> tuple[Any, ...]:
    return leaf.index, raw(leaf.hash), [raw(one) for one in leaf.proof]
