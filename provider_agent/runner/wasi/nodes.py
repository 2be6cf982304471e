"""Files and directories of the guest: names live in memory, contents in numbered host files.

A file of the guest is never a host path that the guest chose, so no path, link or odd name can escape.
"""

import errno
import os
from pathlib import Path

from provider_agent.runner.endings import HostFault
from suanli.protocol.reasons import Reason


class File:
    """A regular file: `size` bytes in the host file `host`, open on the host while the guest has it open."""

    def __init__(self, inode: int, host: Path, size: int, read_only: bool) -> None:
        self.inode = inode
        self.host = host
        self.size = size
        self.read_only = read_only
        self.openings = 0
        self.linked = True
        self._descriptor: int | None = None

    def open(self) -> None:
        """One more guest descriptor refers to this file."""
        if self._descriptor is None:
            flags = os.O_RDONLY if self.read_only else os.O_RDWR | os.O_CREAT
            with host_errors():
                self._descriptor = os.open(self.host, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self.openings += 1

    def close(self) -> None:
        """One guest descriptor fewer refers to this file."""
        self.openings -= 1
        if self.openings == 0 and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fills `buffer` from `offset`; the number of bytes read, short only at the end of the file."""
        done = 0
        with host_errors():
            while done < len(buffer) and (got := os.preadv(self._opened(), [buffer[done:]], offset + done)):
                done += got
        return done

    def write(self, data: bytes | memoryview, offset: int) -> None:
        """Writes all of `data` at `offset`; the caller has accounted for the growth."""
        view, done = memoryview(data), 0
        with host_errors():
            while done < len(view):
                done += os.pwrite(self._opened(), view[done:], offset + done)

    def truncate(self, size: int) -> None:
        """Sets the length; new bytes are zero."""
        with host_errors():
            os.ftruncate(self._opened(), size)

    def _opened(self) -> int:
        if self._descriptor is None:
            raise HostFault(Reason.RUNNER_CRASHED, "a closed file was used")
        return self._descriptor


class Directory:
    """A directory: its entries by name."""

    def __init__(self, inode: int, parent: "Directory | None", read_only: bool = False) -> None:
        self.inode = inode
        self.parent = parent
        self.read_only = read_only
        self.entries: dict[str, File | Directory] = {}

    def sorted_entries(self) -> list[tuple[str, "File | Directory"]]:
        """The entries by name, in the order of their bytes: equal on every machine."""
        return sorted(self.entries.items(), key=lambda entry: entry[0].encode())


Node = File | Directory


class host_errors:
    """Translates the host's I/O errors: they are this machine's fault, never the program's."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = Reason.DISK_FULL if full else Reason.RUNNER_CRASHED
            raise HostFault(reason, f"the host's file system said: {error}") from error
