"""The wasmtime engine, set up so that a module does the same everywhere, and its cache of compiled code.

Changing a setting here can change fuel: raise `PROFILE` with it, so that no node mixes two countings.
"""

import fcntl
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import wasmtime

from provider_agent.runner.endings import HostFault, ProgramFault
from provider_agent.runner.job import CACHE_LOCK_SUFFIX
from suanli.protocol.reasons import Reason

PROFILE = "1"
_WASMTIME = version("wasmtime")
STACK_BYTES = 2 << 20
"""Native stack for WebAssembly frames; deeper recursion traps."""
_BASELINE_TARGET = "x86_64-unknown-linux-gnu"
_BASELINE_FEATURES = ("has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt")
_DISABLED = (
    "wasm_threads",
    "wasm_multi_memory",
    "wasm_memory64",
    "wasm_component_model",
    "wasm_exceptions",
    "wasm_function_references",
    "wasm_gc",
    "gc_support",
    "wasm_wide_arithmetic",
    "wasm_custom_page_sizes",
    "wasm_stack_switching",
    "shared_memory",
)


def make_engine() -> wasmtime.Engine:
    """An engine that meters fuel and computes the same bits everywhere.

    On x86-64 it compiles for one fixed instruction set: machine code, stack frames (the depth at which
    recursion traps) and the bits of NaNs, which that instruction set defines, are equal on every processor.
    Elsewhere NaNs are made canonical; on x86-64 that would cost floating-point programs a factor of 3.6.
    """
    fixed = sys.platform == "linux" and platform.machine() == "x86_64"
    config = wasmtime.Config()
    config.consume_fuel = True
    config.cranelift_nan_canonicalization = not fixed
    config.wasm_relaxed_simd_deterministic = True
    config.max_wasm_stack = STACK_BYTES
    for feature in _DISABLED:
        setattr(config, feature, False)
    if fixed:
        config.target = _BASELINE_TARGET
        for flag in _BASELINE_FEATURES:
            config.cranelift_flag_enable(flag)
    return wasmtime.Engine(config)


def load_module(engine: wasmtime.Engine, module: Path, module_hash: str, cache: Path) -> wasmtime.Module:
    """The compiled module, from the cache when it is there. Raises ProgramFault(MODULE_INVALID)."""
    compiled = cache / f"{module_hash.removeprefix('0x')}-{_WASMTIME}-{PROFILE}.cwasm"
    found = _from_cache(engine, compiled)
    if found is not None:
        return found
    with (cache / f"{module_hash[-2:]}{CACHE_LOCK_SUFFIX}").open("w") as lock:
        # Several runners may want the same module at once: one compiles, the others wait. Locks are never
        # removed, so modules share them by the end of their hash.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _from_cache(engine, compiled) or _compile(engine, module, compiled)


def _from_cache(engine: wasmtime.Engine, compiled: Path) -> wasmtime.Module | None:
    if not compiled.exists():
        return None
    try:
        found = wasmtime.Module.deserialize_file(engine, str(compiled))
    except wasmtime.WasmtimeError:
        compiled.unlink(missing_ok=True)
        return None
    os.utime(compiled)
    return found


def _compile(engine: wasmtime.Engine, module: Path, compiled: Path) -> wasmtime.Module:
    binary = module.read_bytes()
    if binary[:4] != b"\x00asm":
        raise ProgramFault(Reason.MODULE_INVALID, "the module is not WebAssembly")
    try:
        made = wasmtime.Module(engine, binary)
    except wasmtime.WasmtimeError as error:
        raise ProgramFault(Reason.MODULE_INVALID, f"the module cannot be compiled: {error}") from error
    _store(compiled, made.serialize())
    return made


def _store(compiled: Path, code: bytes | bytearray) -> None:
    temporary = compiled.with_suffix(".part")
    try:
        with temporary.open("wb") as file:
            file.write(code)
            # Half-written machine code after a power cut would be worse than none.
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(compiled)
    except OSError as error:
        raise HostFault(Reason.DISK_FULL, f"the compiled module could not be kept: {error}") from error
