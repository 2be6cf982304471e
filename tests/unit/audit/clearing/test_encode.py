"""The auditor reads a book as the market does, without a line of the market's code."""

import numpy as np
import pytest

from market.core.encoding import encode as encode_of_the_market
from suanli.audit.clearing.encode import encode
from tests.unit.audit.clearing.books import random_book


@pytest.mark.parametrize("block", range(10))
def test_auditor_and_market_read_a_book_alike(block: int) -> None:
    items = providers = held = 0
    for seed in range(block * 60, block * 60 + 60):
        book = random_book(seed, nodes=1 + seed % 12, orders=1 + seed % 6)
        ours, theirs = encode(book), encode_of_the_market(book)
        assert ours.round.measure == theirs.measure
        for mine, other in ((ours.round.supply, theirs.supply), (ours.round.demand, theirs.demand)):
            for name in mine.__slots__:
                if name != "family":
                    assert np.array_equal(getattr(mine, name), getattr(other, name)), (seed, name)
        assert _classes(ours.round.demand.family) == _classes(theirs.demand.family)
        assert [node.node for node in ours.nodes] == [node.node for node in theirs.names.nodes]
        named = [(one.order.order, one.task.index, one.attempt) for one in ours.copies]
        assert named == [
            (one.order.order, one.task.index, one.task.attempt + one.copy) for one in theirs.names.items
        ]
        items, providers, held = items + len(named), providers + len(ours.nodes), held + len(ours.held)
    assert min(items, providers, held) > 20


def _classes(family: np.ndarray) -> list[int]:
    """Which items are of one family, whatever its number."""
    return np.unique(family, return_inverse=True)[1].tolist()


def test_the_order_of_the_book_changes_nothing() -> None:
    for seed in range(50):
        book = random_book(seed, doubles=False)
        turned = book.model_copy(
            update={name: tuple(reversed(getattr(book, name))) for name in ("orders", "nodes", "paths")}
        )
        one, other = encode(book), encode(turned)
        assert one.copies == other.copies
        assert one.held == other.held
        for name in one.round.demand.__slots__:
            assert np.array_equal(getattr(one.round.demand, name), getattr(other.round.demand, name))
