"""How kernels are compiled: ahead of the first call, for one signature each, kept in numba's cache.

No fast-math: a kernel's result must not depend on the machine. Floats only filter; decisions are integers.
"""

from collections.abc import Callable
from hashlib import sha256
from types import CodeType
from typing import Any, TypeVar

import numba
from numba import types

Function = TypeVar("Function", bound=Callable[..., Any])

INTEGER = types.int64
INTEGERS = types.Array(types.int64, 1, "C")
TABLE = types.Array(types.int64, 2, "C")
SCALE = types.Array(types.float64, 1, "C")
BOUNDS = types.Array(types.float32, 2, "C")
NOTHING = types.void
FOUR: Any = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]

_compiler: Any = numba.njit


def kernel(result: Any, *arguments: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function that Python calls, for these types of its result and arguments."""

    def compile_now(function: Callable[..., Any]) -> Callable[..., Any]:
        dispatcher: Any = _compiler(function, error_model="numpy", _nrt=False)
        cache_with_parts(dispatcher, function)
        dispatcher.compile(result(*arguments))
        dispatcher.disable_compile()
        compiled: Callable[..., Any] = dispatcher
        return compiled

    return compile_now


def cache_with_parts(dispatcher: Any, function: Callable[..., Any]) -> None:
    """Keep what is compiled from `function` on disk, until any part of it changes.

    numba's cache notices a change of the function's own file only; here its key also has the code of every
    part and the constants that the kernel is made of.
    """
    dispatcher.enable_caching()
    made_of, plain_key = fingerprint(function), dispatcher._cache._index_key
    dispatcher._cache._index_key = lambda *key: (*plain_key(*key), made_of)


def part(function: Function) -> Function:
    """Compile a function that only kernels call; it becomes a part of them.

    Called as functions, parts cost more than what they do; so they are inlined, and arrays are not counted.
    """
    compiled: Function = _compiler(function, error_model="numpy", forceinline=True, _nrt=False)
    return compiled


def fingerprint(function: Any) -> str:
    """The hash of a function's code, its constants and all functions of ours that it is made of."""
    seen: dict[str, str] = {}
    _collect(function, seen)
    return sha256(repr(sorted(seen.items())).encode()).hexdigest()


def _collect(function: Any, seen: dict[str, str]) -> None:
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return
    codes = list(_codes(function.__code__))
    seen[name] = repr(
        [(code.co_code, [c for c in code.co_consts if type(c) is not CodeType]) for code in codes]
    )
    for symbol in sorted({symbol for code in codes for symbol in code.co_names}):
        value = function.__globals__.get(symbol)
        if isinstance(value, int | float) or hasattr(value, "dtype"):
            seen[f"{name}:{symbol}"] = repr(value)
        inner = getattr(value, "py_func", None) or getattr(value, "_defn", value)
        if getattr(inner, "__module__", "").startswith("market.core.") and hasattr(inner, "__code__"):
            _collect(inner, seen)


def _codes(code: CodeType) -> Any:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
