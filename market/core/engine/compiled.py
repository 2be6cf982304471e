"""How kernels are compiled: ahead of the first call, for one signature each, kept in numba's cache.

No fast-math: a kernel's result must not depend on the machine. Floats only filter; decisions are integers.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit, types

Function = TypeVar("Function", bound=Callable[..., Any])

INTEGER = types.int64
INTEGERS = types.Array(types.int64, 1, "C")
TABLE = types.Array(types.int64, 2, "C")
BOUNDS = types.Array(types.float32, 2, "C")
NOTHING = types.void
FOUR = types.UniTuple(types.int64, 4)


def kernel(result: Any, *arguments: Any) -> Callable[[Function], Function]:
    """Compile a function that Python calls, for these types of its result and arguments."""
    compiled: Callable[[Function], Function] = njit(result(*arguments), cache=True, error_model="numpy")
    return compiled


def part(function: Function) -> Function:
    """Compile a function that only kernels call; it becomes a part of them."""
    compiled: Function = njit(function, error_model="numpy")
    return compiled
