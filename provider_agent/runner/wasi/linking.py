"""Binds the host calls to a wasmtime linker: types, fuel for each call, errors as error numbers."""

from collections.abc import Callable

import wasmtime

from provider_agent.runner.wasi import file_calls, path_calls, surroundings
from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.guest import Guest
from provider_agent.runner.wasi.memory import HOST_CALL_FUEL

MODULE = "wasi_snapshot_preview1"
HostCall = Callable[..., None]

_MASK = {"i": (1 << 32) - 1, "l": (1 << 64) - 1}
_RETURNS_NOTHING = {"proc_exit"}

CALLS: dict[str, tuple[str, HostCall]] = {
    "args_get": ("ii", surroundings.args_get),
    "args_sizes_get": ("ii", surroundings.args_sizes_get),
    "environ_get": ("ii", surroundings.environ_get),
    "environ_sizes_get": ("ii", surroundings.environ_sizes_get),
    "clock_res_get": ("ii", surroundings.clock_res_get),
    "clock_time_get": ("ili", surroundings.clock_time_get),
    "fd_advise": ("illi", file_calls.fd_advise),
    "fd_allocate": ("ill", file_calls.fd_allocate),
    "fd_close": ("i", file_calls.fd_close),
    "fd_datasync": ("i", file_calls.fd_sync),
    "fd_fdstat_get": ("ii", file_calls.fd_fdstat_get),
    "fd_fdstat_set_flags": ("ii", file_calls.fd_fdstat_set_flags),
    "fd_fdstat_set_rights": ("ill", file_calls.fd_fdstat_set_rights),
    "fd_filestat_get": ("ii", file_calls.fd_filestat_get),
    "fd_filestat_set_size": ("il", file_calls.fd_filestat_set_size),
    "fd_filestat_set_times": ("illi", file_calls.fd_filestat_set_times),
    "fd_pread": ("iiili", file_calls.fd_pread),
    "fd_prestat_dir_name": ("iii", file_calls.fd_prestat_dir_name),
    "fd_prestat_get": ("ii", file_calls.fd_prestat_get),
    "fd_pwrite": ("iiili", file_calls.fd_pwrite),
    "fd_read": ("iiii", file_calls.fd_read),
    "fd_readdir": ("iiili", file_calls.fd_readdir),
    "fd_renumber": ("ii", file_calls.fd_renumber),
    "fd_seek": ("ilii", file_calls.fd_seek),
    "fd_sync": ("i", file_calls.fd_sync),
    "fd_tell": ("ii", file_calls.fd_tell),
    "fd_write": ("iiii", file_calls.fd_write),
    "path_create_directory": ("iii", path_calls.path_create_directory),
    "path_filestat_get": ("iiiii", path_calls.path_filestat_get),
    "path_filestat_set_times": ("iiiilli", path_calls.path_filestat_set_times),
    "path_link": ("iiiiiii", path_calls.path_link),
    "path_open": ("iiiiillii", path_calls.path_open),
    "path_readlink": ("iiiiii", path_calls.path_readlink),
    "path_remove_directory": ("iii", path_calls.path_remove_directory),
    "path_rename": ("iiiiii", path_calls.path_rename),
    "path_symlink": ("iiiii", path_calls.path_symlink),
    "path_unlink_file": ("iii", path_calls.path_unlink_file),
    "poll_oneoff": ("iiii", surroundings.poll_oneoff),
    "proc_exit": ("i", surroundings.proc_exit),
    "proc_raise": ("i", surroundings.not_supported),
    "random_get": ("ii", surroundings.random_get),
    "sched_yield": ("", surroundings.sched_yield),
    "sock_accept": ("iii", surroundings.not_supported),
    "sock_recv": ("iiiiii", surroundings.not_supported),
    "sock_send": ("iiiii", surroundings.not_supported),
    "sock_shutdown": ("ii", surroundings.not_supported),
}
"""Every function of WASI preview 1: its parameters (i = i32, l = i64) and what it does here."""


def define_wasi(linker: wasmtime.Linker, guest: Guest) -> None:
    """Gives a module all of WASI preview 1, and nothing else."""
    for name, (parameters, call) in CALLS.items():
        types = [wasmtime.ValType.i32() if kind == "i" else wasmtime.ValType.i64() for kind in parameters]
        results = [] if name in _RETURNS_NOTHING else [wasmtime.ValType.i32()]
        bound = _bind(guest, parameters, call, returns=bool(results))
        linker.define_func(MODULE, name, wasmtime.FuncType(types, results), bound, access_caller=True)


def _bind(guest: Guest, parameters: str, call: HostCall, *, returns: bool) -> Callable[..., int | None]:
    masks = [_MASK[kind] for kind in parameters]

    def bound(caller: wasmtime.Caller, *arguments: int) -> int | None:
        guest.meter.charge(HOST_CALL_FUEL)
        guest.memory.attach(caller)
        try:
            call(guest, *(value & mask for value, mask in zip(arguments, masks, strict=True)))
        except WasiError as error:
            return int(error.errno)
        return int(Errno.SUCCESS) if returns else None

    return bound
