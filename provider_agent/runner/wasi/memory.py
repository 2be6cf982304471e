"""The guest's linear memory and fuel, as a host call sees them: bounds-checked reads and writes, metered."""

import ctypes

import wasmtime

from provider_agent.runner.endings import ProgramFault
from provider_agent.runner.wasi.errors import Errno, WasiError
from suanli.protocol.reasons import Reason

HOST_CALL_FUEL = 10_000
"""What one host call costs: about the time in which wasmtime executes as many instructions."""
FUEL_PER_BYTE = 1
"""What each byte costs that a host call moves; WebAssembly's own bulk instructions cost the same."""
_MEMORY = "memory"


class Meter:
    """Takes fuel for what the host does on behalf of the program, so that no work is free."""

    def __init__(self, store: wasmtime.Store) -> None:
        self._store = store

    def charge(self, fuel: int) -> None:
        """Takes `fuel`. Raises ProgramFault(FUEL_EXHAUSTED) when there is not so much left."""
        left = self._store.get_fuel()
        if left < fuel:
            self._store.set_fuel(0)
            raise ProgramFault(Reason.FUEL_EXHAUSTED, "the program used up its fuel in a host call")
        self._store.set_fuel(left - fuel)

    def charge_bytes(self, count: int) -> None:
        """Takes the fuel for moving `count` bytes."""
        self.charge(count * FUEL_PER_BYTE)


class GuestMemory:
    """The exported memory `memory`; offsets are the guest's own and may be anything."""

    def __init__(self, store: wasmtime.Store) -> None:
        self._store = store
        self.found: wasmtime.Memory | None = None

    def attach(self, caller: wasmtime.Caller) -> None:
        """Finds the memory of the calling module; a module is asked once."""
        if self.found is None:
            found = caller.get(_MEMORY)
            if not isinstance(found, wasmtime.Memory):
                raise ProgramFault(Reason.PROGRAM_TRAPPED, "the module exports no memory to exchange data in")
            self.found = found

    def view(self, offset: int, length: int) -> memoryview:
        """The guest's bytes themselves, valid during this host call only. Raises WasiError(FAULT)."""
        if self.found is None or offset + length > self.found.data_len(self._store):
            raise WasiError(Errno.FAULT)
        if length == 0:
            return memoryview(b"")
        base = ctypes.addressof(self.found.data_ptr(self._store).contents)
        return memoryview((ctypes.c_ubyte * length).from_address(base + offset)).cast("B")

    def read(self, offset: int, length: int) -> bytes:
        """A copy of the guest's bytes."""
        return bytes(self.view(offset, length))

    def write(self, offset: int, data: bytes) -> None:
        """Copies `data` to the guest."""
        self.view(offset, len(data))[:] = data

    def read_number(self, offset: int, size: int) -> int:
        """A little-endian whole number of `size` bytes."""
        return int.from_bytes(self.view(offset, size), "little")

    def write_number(self, offset: int, value: int, size: int) -> None:
        """Writes a little-endian whole number of `size` bytes."""
        self.write(offset, value.to_bytes(size, "little"))

    def vectors(self, offset: int, count: int) -> list[memoryview]:
        """The buffers that an array of `count` iovecs points to."""
        if count > MAXIMUM_VECTORS:
            raise WasiError(Errno.INVAL)
        table = self.view(offset, count * _VECTOR_SIZE).cast("I") if count else ()
        return [self.view(table[at], table[at + 1]) for at in range(0, 2 * count, 2)]


MAXIMUM_VECTORS = 1024
_VECTOR_SIZE = 8
