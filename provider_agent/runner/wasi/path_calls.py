"""Host calls on paths: `path_*` of WASI preview 1. A program that makes a symbolic link is ended."""

from provider_agent.runner.endings import ProgramFault
from provider_agent.runner.wasi.descriptors import OpenDirectory, OpenFile
from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.file_calls import APPEND, RIGHT_READ, RIGHT_WRITE, filestat
from provider_agent.runner.wasi.guest import Guest
from provider_agent.runner.wasi.nodes import Directory, File, Node
from provider_agent.runner.wasi.paths import decode, find
from suanli.protocol.reasons import Reason

CREATE, MUST_BE_DIRECTORY, EXCLUSIVE, TRUNCATE = 1, 2, 4, 8


def path_open(
    guest: Guest,
    number: int,
    lookup: int,
    path: int,
    length: int,
    how: int,
    rights: int,
    inheriting: int,
    flags: int,
    result: int,
) -> None:
    """Opens or creates a file, or opens a directory."""
    start, text = _place(guest, number, path, length)
    guest.descriptors.check_room()
    node = _open_node(guest, start, text, how)
    if isinstance(node, Directory):
        opened: OpenDirectory | OpenFile = _open_directory(node, how, rights)
    else:
        opened = _open_file(guest, node, how, rights, flags)
    guest.memory.write_number(result, guest.descriptors.add(opened), 4)


def path_filestat_get(guest: Guest, number: int, lookup: int, path: int, length: int, result: int) -> None:
    """What is known of a file; times are frozen."""
    start, text = _place(guest, number, path, length)
    guest.memory.write(result, filestat(find(start, text)))


def path_filestat_set_times(
    guest: Guest, number: int, lookup: int, path: int, length: int, *times: int
) -> None:
    """Accepted and without effect: times are frozen."""
    find(*_place(guest, number, path, length))


def path_create_directory(guest: Guest, number: int, path: int, length: int) -> None:
    """Makes a directory."""
    guest.files.create_directory(*_place(guest, number, path, length))


def path_remove_directory(guest: Guest, number: int, path: int, length: int) -> None:
    """Removes an empty directory."""
    guest.files.remove(*_place(guest, number, path, length), is_directory=True)


def path_unlink_file(guest: Guest, number: int, path: int, length: int) -> None:
    """Removes a file; its contents live on while it is open."""
    guest.files.remove(*_place(guest, number, path, length), is_directory=False)


def path_rename(
    guest: Guest, number: int, path: int, length: int, new_number: int, new_path: int, new_length: int
) -> None:
    """Moves a file or a directory."""
    source = _place(guest, number, path, length)
    guest.files.rename(*source, *_place(guest, new_number, new_path, new_length))


def path_link(guest: Guest, *ignored: int) -> None:
    """Hard links are not supported."""
    raise WasiError(Errno.NOTSUP)


def path_readlink(guest: Guest, number: int, path: int, length: int, *ignored: int) -> None:
    """There are no symbolic links to read."""
    find(*_place(guest, number, path, length))
    raise WasiError(Errno.INVAL)


def path_symlink(guest: Guest, *ignored: int) -> None:
    """Ends the program: nobody who reads its outputs should have to fear a link among them."""
    raise ProgramFault(Reason.OUTPUT_FORBIDDEN, "the program tried to make a symbolic link")


def _place(guest: Guest, number: int, path: int, length: int) -> tuple[Directory, str]:
    guest.meter.charge_bytes(length)
    return guest.descriptors.directory(number).directory, decode(guest.memory.read(path, length))


def _open_node(guest: Guest, start: Directory, path: str, how: int) -> Node:
    try:
        node = find(start, path)
    except WasiError as missing:
        if missing.errno is not Errno.NOENT or not how & CREATE:
            raise
        if how & MUST_BE_DIRECTORY:
            raise WasiError(Errno.NOTDIR) from missing
        return guest.files.create_file(start, path)
    if how & CREATE and how & EXCLUSIVE:
        raise WasiError(Errno.EXIST)
    return node


def _open_directory(node: Directory, how: int, rights: int) -> OpenDirectory:
    if rights & RIGHT_WRITE or how & (CREATE | TRUNCATE):
        raise WasiError(Errno.ISDIR)
    return OpenDirectory(node)


def _open_file(guest: Guest, file: File, how: int, rights: int, flags: int) -> OpenFile:
    if how & MUST_BE_DIRECTORY:
        raise WasiError(Errno.NOTDIR)
    writable = bool(rights & RIGHT_WRITE)
    if file.read_only and (writable or how & TRUNCATE):
        raise WasiError(Errno.ROFS)
    file.open()
    if how & TRUNCATE:
        guest.files.resize(file, 0)
        file.truncate(0)
    return OpenFile(file, bool(rights & RIGHT_READ), writable, bool(flags & APPEND))
