"""Who competes with nobody pays the ask; who does pays no more than the best of the others would have."""

from dataclasses import replace

import numpy as np

from suanli.audit.clearing.premiums import raised_to
from suanli.audit.clearing.round import open_round
from suanli.protocol.arrays import NOBODY, Demand, Integers, Outcome, pair
from suanli.protocol.certificate import Mechanism
from tests.unit.audit.clearing.books import random_book
from tests.unit.audit.clearing.decided import decide
from tests.unit.audit.clearing.epochs import cleared_epoch
from tests.unit.audit.clearing.rounds import Arrays


def _raised_by_hand(arrays: Arrays, outcome: Outcome) -> list[int]:
    _, _, demand = arrays
    provider, group = outcome.provider.tolist(), demand.group.tolist()
    left, targets = demand.budget.tolist(), outcome.payment.tolist()
    pairs = {item: pair(*arrays, item, at) for item, at in enumerate(provider) if at != NOBODY}
    for item, one in pairs.items():
        assert one is not None
        left[group[item]] -= one.price
    for item, own in pairs.items():
        assert own is not None
        bids = [0]
        for other, at in enumerate(provider):
            if at == NOBODY and group[other] != group[item]:
                bid = pair(*arrays, other, provider[item])
                bids += [bid.surplus] if bid is not None and bid.price <= left[group[other]] else []
        targets[item] = min(targets[item], own.price + max(bids))
    return targets


def test_premiums_follow_the_losing_bids_of_others() -> None:
    lowered = raised = 0
    for seed in range(600):
        arrays, outcome = decide(seed, providers=1 + seed % 6, items=4 + seed % 9)
        # copies of a task are alike in a book; here each item is a task of its own
        arrays = (arrays[0], arrays[1], _single(arrays))
        targets = raised_to(open_round(*arrays), outcome, Mechanism.SUPPORT)
        assert targets.tolist() == _raised_by_hand(arrays, outcome)
        lowered += int((targets < outcome.payment).sum())
        raised += int((targets > _asks(arrays, outcome)).sum())
    assert min(lowered, raised) > 50


def test_critical_payments_are_paid_as_they_are() -> None:
    arrays, outcome = decide(3)
    targets = raised_to(open_round(*arrays), outcome, Mechanism.CRITICAL)
    assert np.array_equal(targets, outcome.payment)


def test_some_leases_of_random_books_are_raised_above_the_ask() -> None:
    raised = 0
    for seed in range(60):
        epoch = cleared_epoch(random_book(seed, nodes=3, orders=9, doubles=False))
        asks = {node.ask.id(): node.ask.prices for node in epoch.book.nodes if node.ask is not None}
        raised += sum(lease.prices != asks.get(lease.ask, lease.prices) for lease in epoch.leases)
    assert raised > 3


def _single(arrays: Arrays) -> Demand:
    return replace(arrays[2], family=np.arange(len(arrays[2]), dtype=np.int32))


def _asks(arrays: Arrays, outcome: Outcome) -> Integers:
    places = enumerate(outcome.provider.tolist())
    found = (pair(*arrays, item, at) if at != NOBODY else None for item, at in places)
    return np.array([0 if one is None else one.price for one in found])
