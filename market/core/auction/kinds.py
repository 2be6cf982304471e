"""Items that are alike in everything a provider sees count as one kind, so that a million of them cost as
much as one. Pure; kinds are numbered by their first item."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suanli.protocol.arrays import Demand, Integers


@dataclass(frozen=True, slots=True)
class Kinds:
    """of (M,): each item's kind; first (C,): the first item of each kind; count (C,): how many it has."""

    of: Integers
    first: Integers
    count: Integers


def kinds_of(demand: Demand) -> Kinds:
    """Group the items of `demand` by equal value, usage, weights, needs, labels, regions, load and bars."""
    rows = _rows(demand)
    if not len(demand):
        return Kinds(*(np.zeros(0, np.int64) for _ in range(3)))
    _, first, of, count = np.unique(
        np.ascontiguousarray(_mixed(rows)), return_index=True, return_inverse=True, return_counts=True
    )
    if not (rows[first[of]] == rows).all() or not _same_bars(demand, first[of]):
        alone = np.arange(len(demand))  # two unlike items share a mixed word: treat each item as a kind
        return Kinds(alone, alone, np.ones(len(demand), np.int64))
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Kinds(rank[of], first[order], count[order].astype(np.int64))


def _rows(demand: Demand) -> NDArray[np.uint64]:
    starts, length = demand.barred_start, np.diff(demand.barred_start)
    words = np.concatenate(
        ([np.uint64(0)], np.cumsum(_scrambled(demand.barred.astype(np.int64).view(np.uint64))))
    )
    bars = words[starts[1:]] - words[starts[:-1]]
    columns = [
        demand.value[:, None],
        demand.usage,
        demand.weights,
        demand.needs,
        demand.region_cost,
        demand.load,
    ]
    signed = np.concatenate([*columns, length[:, None]], axis=1).astype(np.int64, copy=False)
    return np.concatenate([signed.view(np.uint64), demand.labels[:, None], bars[:, None]], axis=1)


def _mixed(rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = np.zeros(len(rows), np.uint64)
    for column in rows.T:
        word = _scrambled(word ^ column)
    return word


def _scrambled(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): a one-to-one scrambling of 64 bits."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _same_bars(demand: Demand, like: Integers) -> bool:
    """Whether each item bars the same, in the same order, as the item that it is said to be like."""
    starts = demand.barred_start
    if not len(demand.barred):
        return True
    item = np.repeat(np.arange(len(demand)), np.diff(starts))
    offset = np.arange(len(demand.barred)) - starts[item]
    return bool((demand.barred[starts[like[item]] + offset] == demand.barred).all())
