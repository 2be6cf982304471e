"""Host calls on open descriptors: `fd_*` of WASI preview 1."""

import struct

from provider_agent.runner.wasi.descriptors import (
    EmptyInput,
    LogOutput,
    Open,
    OpenDirectory,
    OpenFile,
)
from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.guest import FROZEN_TIME, Guest
from provider_agent.runner.wasi.nodes import Directory, Node

UNKNOWN, DIRECTORY, REGULAR_FILE = 0, 3, 4
RIGHT_READ, RIGHT_WRITE = 1 << 1, 1 << 6
ALL_RIGHTS = (1 << 30) - 1
APPEND = 1
FUEL_PER_ENTRY = 1_000
"""What each entry costs of a directory that is listed: about the time that sorting it in takes."""
_FDSTAT = struct.Struct("<BxHxxxxQQ")
_FILESTAT = struct.Struct("<QQB7xQQQQQ")
_DIRENT = struct.Struct("<QQIB3x")
_DEVICE = 1
_LARGEST_OFFSET = (1 << 63) - 1


def fd_read(guest: Guest, number: int, vectors: int, count: int, result: int) -> None:
    """Reads at the descriptor's place and moves it."""
    opened = guest.descriptors.get(number)
    buffers = guest.memory.vectors(vectors, count)
    if isinstance(opened, EmptyInput):
        guest.memory.write_number(result, 0, 4)
        return
    file = _readable(opened)
    done = _read(guest, file, buffers, file.offset)
    file.offset += done
    guest.memory.write_number(result, done, 4)


def fd_pread(guest: Guest, number: int, vectors: int, count: int, offset: int, result: int) -> None:
    """Reads at `offset`."""
    file = _readable(guest.descriptors.file(number))
    done = _read(guest, file, guest.memory.vectors(vectors, count), offset)
    guest.memory.write_number(result, done, 4)


def fd_write(guest: Guest, number: int, vectors: int, count: int, result: int) -> None:
    """Writes at the descriptor's place and moves it, or writes to the log."""
    opened = guest.descriptors.get(number)
    buffers = guest.memory.vectors(vectors, count)
    if isinstance(opened, LogOutput):
        guest.meter.charge_bytes(sum(len(buffer) for buffer in buffers))
        for buffer in buffers:
            guest.log.write(buffer)
        guest.memory.write_number(result, sum(len(buffer) for buffer in buffers), 4)
        return
    file = _writable(opened)
    start = file.file.size if file.append else file.offset
    done = _write(guest, file, buffers, start)
    file.offset = start + done
    guest.memory.write_number(result, done, 4)


def fd_pwrite(guest: Guest, number: int, vectors: int, count: int, offset: int, result: int) -> None:
    """Writes at `offset`."""
    file = _writable(guest.descriptors.file(number))
    done = _write(guest, file, guest.memory.vectors(vectors, count), offset)
    guest.memory.write_number(result, done, 4)


def fd_seek(guest: Guest, number: int, delta: int, whence: int, result: int) -> None:
    """Moves the descriptor's place; `delta` is a signed number."""
    file = guest.descriptors.file(number)
    starts = {0: 0, 1: file.offset, 2: file.file.size}
    signed = delta - (1 << 64) if delta >> 63 else delta
    place = starts.get(whence, -1) + signed
    if whence not in starts or not 0 <= place <= _LARGEST_OFFSET:
        raise WasiError(Errno.INVAL)
    file.offset = place
    guest.memory.write_number(result, place, 8)


def fd_tell(guest: Guest, number: int, result: int) -> None:
    """The descriptor's place."""
    guest.memory.write_number(result, guest.descriptors.file(number).offset, 8)


def fd_close(guest: Guest, number: int) -> None:
    """Closes a descriptor."""
    _close(guest, guest.descriptors.remove(number))


def fd_renumber(guest: Guest, source: int, target: int) -> None:
    """Moves a descriptor to another number that is open, too."""
    guest.descriptors.get(target)
    moved = guest.descriptors.get(source)
    if source != target:
        _close(guest, guest.descriptors.remove(target))
        guest.descriptors.remove(source)
        guest.descriptors.put(target, moved)


def fd_allocate(guest: Guest, number: int, offset: int, length: int) -> None:
    """Makes a file at least `offset + length` bytes long."""
    file = _writable(guest.descriptors.file(number)).file
    if offset + length > file.size:
        guest.files.resize(file, offset + length)
        file.truncate(offset + length)


def fd_filestat_set_size(guest: Guest, number: int, size: int) -> None:
    """Sets a file's length."""
    file = _writable(guest.descriptors.file(number)).file
    guest.files.resize(file, size)
    file.truncate(size)


def fd_filestat_get(guest: Guest, number: int, result: int) -> None:
    """What is known of an open file; times are frozen."""
    opened = guest.descriptors.get(number)
    if isinstance(opened, OpenFile):
        guest.memory.write(result, filestat(opened.file))
    elif isinstance(opened, OpenDirectory):
        guest.memory.write(result, filestat(opened.directory))
    else:
        guest.memory.write(result, _FILESTAT.pack(_DEVICE, 0, UNKNOWN, 1, 0, *_TIMES))


def fd_filestat_set_times(guest: Guest, number: int, *times: int) -> None:
    """Accepted and without effect: times are frozen."""
    guest.descriptors.get(number)


def fd_fdstat_get(guest: Guest, number: int, result: int) -> None:
    """Kind, flags and rights of a descriptor."""
    opened = guest.descriptors.get(number)
    kind, flags, rights, inheriting = UNKNOWN, 0, RIGHT_READ | RIGHT_WRITE, 0
    if isinstance(opened, OpenDirectory):
        kind, rights, inheriting = DIRECTORY, ALL_RIGHTS, ALL_RIGHTS
    elif isinstance(opened, OpenFile):
        denied = (0 if opened.readable else RIGHT_READ) | (0 if opened.writable else RIGHT_WRITE)
        kind, flags, rights = REGULAR_FILE, APPEND * opened.append, ALL_RIGHTS & ~denied
    guest.memory.write(result, _FDSTAT.pack(kind, flags, rights, inheriting))


def fd_fdstat_set_flags(guest: Guest, number: int, flags: int) -> None:
    """Sets append mode; the other flags have no meaning here."""
    opened = guest.descriptors.get(number)
    if isinstance(opened, OpenFile):
        opened.append = bool(flags & APPEND)


def fd_fdstat_set_rights(guest: Guest, number: int, rights: int, inheriting: int) -> None:
    """Accepted and without effect: there is nothing to protect a program from itself."""
    guest.descriptors.get(number)


def fd_advise(guest: Guest, number: int, offset: int, length: int, advice: int) -> None:
    """Accepted and without effect."""
    guest.descriptors.file(number)


def fd_sync(guest: Guest, number: int) -> None:
    """Accepted and without effect: the agent syncs what it keeps."""
    guest.descriptors.get(number)


def fd_prestat_get(guest: Guest, number: int, result: int) -> None:
    """The kind and name length of a preopened directory."""
    if not _is_preopened(guest, number):
        raise WasiError(Errno.BADF)
    guest.memory.write(result, struct.pack("<B3xI", 0, len(_ROOT)))


def fd_prestat_dir_name(guest: Guest, number: int, path: int, length: int) -> None:
    """The name of a preopened directory: `/`."""
    if not _is_preopened(guest, number):
        raise WasiError(Errno.BADF)
    if length < len(_ROOT):
        raise WasiError(Errno.NAMETOOLONG)
    guest.memory.write(path, _ROOT)


def fd_readdir(guest: Guest, number: int, buffer: int, length: int, cookie: int, result: int) -> None:
    """Entries of a directory from number `cookie` on, sorted by name, cut off where the buffer ends."""
    opened = guest.descriptors.directory(number)
    if cookie == 0:
        here = opened.directory
        guest.meter.charge(len(here.entries) * FUEL_PER_ENTRY)
        opened.listing = [(".", here), ("..", here.parent or here), *here.sorted_entries()]
    packed = bytearray()
    for index in range(cookie, len(opened.listing)):
        if len(packed) >= length:
            break
        name, node = opened.listing[index]
        raw = name.encode()
        packed += _DIRENT.pack(index + 1, node.inode, len(raw), _kind(node)) + raw
    data = bytes(packed[:length])
    guest.meter.charge_bytes(len(data))
    guest.memory.write(buffer, data)
    guest.memory.write_number(result, len(data), 4)


def filestat(node: Node) -> bytes:
    """The 64 bytes that describe a node."""
    size = 0 if isinstance(node, Directory) else node.size
    return _FILESTAT.pack(_DEVICE, node.inode, _kind(node), 1, size, *_TIMES)


_ROOT = b"/"
_TIMES = (FROZEN_TIME, FROZEN_TIME, FROZEN_TIME)


def _kind(node: Node) -> int:
    return DIRECTORY if isinstance(node, Directory) else REGULAR_FILE


def _is_preopened(guest: Guest, number: int) -> bool:
    opened = guest.descriptors.get(number)
    return isinstance(opened, OpenDirectory) and opened.preopened


def _readable(opened: Open) -> OpenFile:
    if not isinstance(opened, OpenFile):
        raise WasiError(Errno.ISDIR if isinstance(opened, OpenDirectory) else Errno.BADF)
    if not opened.readable:
        raise WasiError(Errno.BADF)
    return opened


def _writable(opened: Open) -> OpenFile:
    if not isinstance(opened, OpenFile) or not opened.writable:
        raise WasiError(Errno.BADF)
    return opened


def _read(guest: Guest, opened: OpenFile, buffers: list[memoryview], offset: int) -> int:
    available = max(0, opened.file.size - offset)
    guest.meter.charge_bytes(min(available, sum(len(buffer) for buffer in buffers)))
    done = 0
    for buffer in buffers:
        wanted = min(len(buffer), available - done)
        got = opened.file.read_into(buffer[:wanted], offset + done)
        done += got
    return done


def _write(guest: Guest, opened: OpenFile, buffers: list[memoryview], offset: int) -> int:
    total = sum(len(buffer) for buffer in buffers)
    guest.meter.charge_bytes(total)
    if offset + total > opened.file.size and total:
        guest.files.resize(opened.file, offset + total)
    done = 0
    for buffer in buffers:
        opened.file.write(buffer, offset + done)
        done += len(buffer)
    return done


def _close(guest: Guest, opened: Open) -> None:
    if isinstance(opened, OpenFile):
        guest.files.close(opened.file)
