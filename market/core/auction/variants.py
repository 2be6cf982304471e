"""One source, two ways to run it: as plain Python over lists (small rounds compile nothing) or compiled by
numba over arrays. Kernels use integers, and + - * / on floats, nothing else: both ways agree bit for bit.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])
_HELPERS: list[Callable[..., Any]] = []


def helper(function: Function) -> Function:
    """Mark a function that kernels call, so that compiled kernels can call it too."""
    _HELPERS.append(function)
    return function


@cache
def _register_helpers(count: int) -> None:
    from numba.extending import register_jitable

    for function in _HELPERS[:count]:
        if not hasattr(function, "compiles"):
            register_jitable(function)
            function.compiles = True  # type: ignore[attr-defined]


@cache
def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel as machine code, kept on disk between processes."""
    from numba import njit

    from market.core.engine.compiled import cache_with_parts

    _register_helpers(len(_HELPERS))
    machine_code: Callable[..., Any] = njit(kernel)
    cache_with_parts(machine_code, kernel)
    return machine_code


def run(
    kernel: Callable[..., Any], compile_it: bool, inputs: tuple[Any, ...], outputs: tuple[Any, ...]
) -> Any:
    """Call `kernel(*inputs, *outputs)`; only `outputs` (flat arrays, or named tuples of them) are changed."""
    if compile_it:
        return compiled(kernel)(*inputs, *outputs)
    lists = [_lists(argument) for argument in outputs]
    result = kernel(*(_lists(argument) for argument in inputs), *lists)
    for argument, changed in zip(outputs, lists, strict=True):
        _write_back(argument, changed)
    return result


def _lists(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return argument.tolist()
    if isinstance(argument, tuple):
        return type(argument)(*(_lists(part) for part in argument))
    return argument


def _write_back(argument: Any, changed: Any) -> None:
    if isinstance(argument, np.ndarray):
        argument[:] = changed
    elif isinstance(argument, tuple):
        for part, new in zip(argument, changed, strict=True):
            _write_back(part, new)


class Rules(NamedTuple):
    """What a round's kernels read: flat arrays of int64 (as `arrays.Supply` and `arrays.Demand`, by kind).

    What belongs to a provider and something else stands by that something first, so that one row of all
    providers is one run of numbers; load, capacity and duals stand by kind or provider first.
    """

    providers: int
    resources: int
    table: Any
    """(kinds · providers): surplus, or NO_PAIR; empty where that would not fit into memory."""
    kind: Any
    """(items)"""
    load: Any
    """(kinds · resources)"""
    least_load: Any
    """(resources)"""
    owner: Any
    """(providers)"""
    family: Any
    """(items): the number of a family of several, or -1."""
    member_start: Any
    """(families + 1): where a family's placed items stand in `State.members`."""
    group: Any
    """(items): the number of a group whose budget may bind, or -1."""
    value: Any
    """(kinds)"""
    usage: Any
    """(kinds · dimensions)"""
    weights: Any
    needs: Any
    wanted: Any
    """(kinds): labels"""
    region_cost: Any
    barred_start: Any
    """(kinds + 1): where a kind's bars stand in `barred`: a provider's number, or ~ an owner's."""
    barred: Any
    prices: Any
    """(dimensions · providers)"""
    minimum: Any
    quality: Any
    """(grades · providers)"""
    offers: Any
    """(limits · providers)"""
    labels: Any
    region: Any
    sizes: Any
    quantum: int
    narrow: int
    """1 where every quotient of a price is below 2^50, so that a float comes within one of it."""


class State(NamedTuple):
    """What a round's kernels change: flat arrays of int64."""

    at: Any
    """(items): the provider, or -1."""
    free: Any
    """(providers · resources)"""
    left: Any
    """(groups): what is left of the budget."""
    placed: Any
    """(families): how many items of it are placed."""
    members: Any
    """those items."""
