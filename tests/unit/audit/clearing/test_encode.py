"""The auditor reads a book as the market does, without a line of the market's code."""

import numpy as np
import pytest

from market.core.encoding import encode as encode_of_the_market
from market.core.spot.floor import plan
from suanli.audit.clearing.encode import encode
from suanli.protocol.offering import Offering
from suanli.protocol.requirements import Requirements
from tests.unit.audit.clearing.books import random_book
from tests.unit.market.books import book as make_book
from tests.unit.market.books import node, order, task


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


def test_a_few_nodes_with_many_labels_crowd_out_no_common_one() -> None:
    crowd = [tuple(f"a{at:02}" for at in range(first, first + 32)) for first in (0, 32)]
    tasks = [
        task(at, requirements=Requirements(labels=labels)) for at, labels in enumerate([*crowd, ("gpu",)])
    ]
    stated = [*crowd, ("gpu",), ("gpu",)]
    nodes = [node(at, offering=Offering(labels=labels)) for at, labels in enumerate(stated)]
    book = make_book([order(1, *tasks)], nodes)
    ours, theirs = encode(book), encode_of_the_market(book)
    assert np.array_equal(ours.round.supply.labels, theirs.supply.labels)
    assert np.array_equal(ours.round.demand.labels, theirs.demand.labels)
    wanted = int(theirs.demand.labels[-1])
    assert [int(had) & wanted == wanted for had in theirs.supply.labels] == [False, False, True, True]
    assert "gpu" in plan(book, {}).scales.labels
