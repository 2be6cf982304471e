"""Host calls about the world around a program: arguments, environment, clocks, random bytes, waiting, exit.

The world stands still: the clock moves only by what a program sleeps, and sleeping takes no time.
"""

import struct

from provider_agent.runner.endings import Exited
from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.guest import FROZEN_TIME, Guest

CLOCK_RESOLUTION = 1_000
"""Nanoseconds."""
MAXIMUM_SUBSCRIPTIONS = 1024
_CLOCKS = 4
_MONOTONIC = 1
_SUBSCRIPTION_SIZE = 48
_SUBSCRIPTION = struct.Struct("<QB7xIxxxxQQH6x")
_EVENT = struct.Struct("<QHB5xQH6x")
_ABSOLUTE = 1
_CLOCK_EVENT = 0
_LARGEST_TIME = (1 << 64) - 1
_RANDOM_CHUNK = 1 << 20


def args_sizes_get(guest: Guest, count: int, size: int) -> None:
    """How many arguments there are and the bytes that they need."""
    _sizes(guest, guest.arguments, count, size)


def args_get(guest: Guest, pointers: int, data: int) -> None:
    """The arguments, the program's name first."""
    _strings(guest, guest.arguments, pointers, data)


def environ_sizes_get(guest: Guest, count: int, size: int) -> None:
    """How many variables there are and the bytes that they need."""
    _sizes(guest, guest.environment, count, size)


def environ_get(guest: Guest, pointers: int, data: int) -> None:
    """The environment of the task's specification; nothing of the host's."""
    _strings(guest, guest.environment, pointers, data)


def clock_res_get(guest: Guest, clock: int, result: int) -> None:
    """The clocks' resolution."""
    _check_clock(clock)
    guest.memory.write_number(result, CLOCK_RESOLUTION, 8)


def clock_time_get(guest: Guest, clock: int, precision: int, result: int) -> None:
    """The frozen time; a program's own clocks stand at zero when it starts, and all move when it sleeps."""
    _check_clock(clock)
    guest.memory.write_number(result, _now(guest, clock), 8)


def random_get(guest: Guest, buffer: int, length: int) -> None:
    """Bytes that depend on the order and the task alone. Not for secrets: every replica sees the same."""
    guest.meter.charge_bytes(length)
    view = guest.memory.view(buffer, length)
    for start in range(0, length, _RANDOM_CHUNK):
        chunk = view[start : start + _RANDOM_CHUNK]
        chunk[:] = guest.random.take(len(chunk))


def poll_oneoff(guest: Guest, subscriptions: int, events: int, count: int, result: int) -> None:
    """Reports every subscription as ready; a wait for a time moves the clock there."""
    if not 0 < count <= MAXIMUM_SUBSCRIPTIONS:
        raise WasiError(Errno.INVAL)
    guest.meter.charge_bytes(count * _SUBSCRIPTION_SIZE)
    answered = bytearray()
    for subscription in _SUBSCRIPTION.iter_unpack(
        guest.memory.read(subscriptions, count * _SUBSCRIPTION_SIZE)
    ):
        user_data, kind, clock, timeout, _precision, flags = subscription
        if kind == _CLOCK_EVENT:
            _sleep(guest, clock, timeout, bool(flags & _ABSOLUTE))
        answered += _EVENT.pack(user_data, Errno.SUCCESS, kind, 0, 0)
    guest.memory.write(events, bytes(answered))
    guest.memory.write_number(result, count, 4)


def proc_exit(guest: Guest, code: int) -> None:
    """Ends the program."""
    raise Exited(code)


def sched_yield(guest: Guest) -> None:
    """There is nobody to yield to."""


def not_supported(guest: Guest, *ignored: int) -> None:
    """Signals and sockets: there are none."""
    raise WasiError(Errno.NOTSUP)


def _sizes(guest: Guest, strings: list[bytes], count: int, size: int) -> None:
    guest.memory.write_number(count, len(strings), 4)
    guest.memory.write_number(size, sum(len(text) for text in strings), 4)


def _strings(guest: Guest, strings: list[bytes], pointers: int, data: int) -> None:
    guest.meter.charge_bytes(sum(len(text) for text in strings))
    for index, text in enumerate(strings):
        guest.memory.write_number(pointers + 4 * index, data, 4)
        guest.memory.write(data, text)
        data += len(text)


def _check_clock(clock: int) -> None:
    if clock >= _CLOCKS:
        raise WasiError(Errno.INVAL)


def _now(guest: Guest, clock: int) -> int:
    return guest.time if clock == 0 else guest.time - FROZEN_TIME


def _sleep(guest: Guest, clock: int, timeout: int, absolute: bool) -> None:
    _check_clock(clock)
    wait = max(0, timeout - _now(guest, clock)) if absolute else timeout
    guest.time = min(guest.time + wait, _LARGEST_TIME)
