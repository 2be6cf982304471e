"""The guest's file tree: `/in` (read-only inputs), `/out`, and whatever else the program makes; with a quota.

All bytes that a program keeps in files at one moment count against its output limit; the write that would
exceed it ends the program, at the same instruction on every machine.
"""

from pathlib import Path

from provider_agent.runner.endings import HostFault, ProgramFault
from provider_agent.runner.job import MAXIMUM_OUTPUTS
from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.nodes import Directory, File
from provider_agent.runner.wasi.paths import MAXIMUM_NAME, MAXIMUM_PATH, is_within, locate, step
from suanli.protocol.reasons import Reason

MAXIMUM_NODES = 10_000
"""Files and directories that a program may have at one moment."""
INPUTS = "in"
OUTPUTS = "out"


class FileSystem:
    """The tree, what it holds in bytes, and the operations that change names."""

    def __init__(self, storage: Path, byte_limit: int) -> None:
        self._storage = storage
        self._byte_limit = byte_limit
        self._bytes = 0
        self._nodes = 0
        self._inodes = 0
        self.root = Directory(self._inode(), None)
        self.inputs = self._add_directory(self.root, INPUTS)
        self.outputs = self._add_directory(self.root, OUTPUTS)

    def add_input(self, path: str, host: Path, size: int) -> None:
        """Puts an input file under `/in`. Raises HostFault when two inputs contradict each other."""
        *folders, name = path.split("/")
        here = self.inputs
        for folder in folders:
            child = here.entries.get(folder) or self._add_directory(here, folder)
            if not isinstance(child, Directory):
                raise HostFault(Reason.DOCUMENT_MALFORMED, f"the input {path} lies under another input file")
            here = child
        if name in here.entries:
            raise HostFault(Reason.DOCUMENT_MALFORMED, f"there are two inputs at {path}")
        here.entries[name] = File(self._inode(), host, size, read_only=True)

    def seal_inputs(self) -> None:
        """From now on nothing under `/in` changes."""
        waiting = [self.inputs]
        while waiting:
            directory = waiting.pop()
            directory.read_only = True
            waiting += [node for node in directory.entries.values() if isinstance(node, Directory)]

    def create_file(self, start: Directory, path: str) -> File:
        """A new empty file."""
        directory, name = self._new_entry(start, path)
        inode = self._inode()
        file = File(inode, self._storage / str(inode), 0, read_only=False)
        directory.entries[name] = file
        return file

    def create_directory(self, start: Directory, path: str) -> None:
        """A new empty directory."""
        directory, name = self._new_entry(start, path)
        self._add_directory(directory, name)

    def remove(self, start: Directory, path: str, *, is_directory: bool) -> None:
        """Removes a file, or an empty directory."""
        directory, name = locate(start, path)
        _must_be_writable(directory)
        self._remove(directory, name, is_directory=is_directory)

    def rename(self, start: Directory, path: str, new_start: Directory, new_path: str) -> None:
        """Moves a node, replacing a file or an empty directory of the same kind (POSIX rename)."""
        (source, name), (target, new_name) = locate(start, path), locate(new_start, new_path)
        _must_be_writable(source)
        _must_be_writable(target)
        _check_name(target, new_name)
        node = step(source, name)
        if node in (self.inputs, self.outputs) or (isinstance(node, Directory) and is_within(target, node)):
            raise WasiError(Errno.INVAL)
        replaced = target.entries.get(new_name)
        if replaced is node:
            return
        if replaced is not None:
            self._remove(target, new_name, is_directory=isinstance(node, Directory))
        target.entries[new_name] = source.entries.pop(name)
        if isinstance(node, Directory):
            node.parent = target

    def resize(self, file: File, size: int) -> None:
        """Accounts for a file's new length. Raises ProgramFault(OUTPUT_EXCEEDED) when it is too much."""
        total = self._bytes + size - file.size
        if total > self._byte_limit:
            detail = f"the program's files would hold more than {self._byte_limit} bytes"
            raise ProgramFault(Reason.OUTPUT_EXCEEDED, detail)
        self._bytes, file.size = total, size

    def close(self, file: File) -> None:
        """One guest descriptor fewer refers to `file`; contents without a name go with the last one."""
        file.close()
        self._forget_if_gone(file)

    def output_files(self) -> list[tuple[str, File]]:
        """What the program left under `/out`.

        Raises ProgramFault: OUTPUT_FORBIDDEN for too long a path, OUTPUT_EXCEEDED for too many files.
        """
        found: list[tuple[str, File]] = []
        waiting: list[tuple[str, Directory]] = [("", self.outputs)]
        while waiting:
            prefix, directory = waiting.pop()
            for name, node in directory.entries.items():
                path = f"{prefix}{name}"
                if len(path) > MAXIMUM_PATH:
                    detail = f"an output's path is longer than {MAXIMUM_PATH} characters"
                    raise ProgramFault(Reason.OUTPUT_FORBIDDEN, detail)
                if isinstance(node, Directory):
                    waiting.append((f"{path}/", node))
                else:
                    found.append((path, node))
        if len(found) > MAXIMUM_OUTPUTS:
            detail = f"the program left {len(found)} files, {MAXIMUM_OUTPUTS} are the most"
            raise ProgramFault(Reason.OUTPUT_EXCEEDED, detail)
        return found

    def _remove(self, directory: Directory, name: str, *, is_directory: bool) -> None:
        node = step(directory, name)
        if isinstance(node, Directory) != is_directory:
            raise WasiError(Errno.NOTDIR if is_directory else Errno.ISDIR)
        if node in (self.inputs, self.outputs):
            raise WasiError(Errno.PERM)
        if isinstance(node, Directory) and node.entries:
            raise WasiError(Errno.NOTEMPTY)
        del directory.entries[name]
        self._nodes -= 1
        if isinstance(node, File):
            node.linked = False
            self._forget_if_gone(node)

    def _new_entry(self, start: Directory, path: str) -> tuple[Directory, str]:
        directory, name = locate(start, path)
        _must_be_writable(directory)
        _check_name(directory, name)
        if name in directory.entries:
            raise WasiError(Errno.EXIST)
        if self._nodes >= MAXIMUM_NODES:
            raise ProgramFault(Reason.OUTPUT_EXCEEDED, f"the program made more than {MAXIMUM_NODES} files")
        self._nodes += 1
        return directory, name

    def _add_directory(self, parent: Directory, name: str) -> Directory:
        directory = Directory(self._inode(), parent)
        parent.entries[name] = directory
        return directory

    def _inode(self) -> int:
        self._inodes += 1
        return self._inodes

    def _forget_if_gone(self, file: File) -> None:
        if not file.linked and file.openings == 0:
            self.resize(file, 0)
            file.host.unlink(missing_ok=True)


def _must_be_writable(directory: Directory) -> None:
    if directory.read_only:
        raise WasiError(Errno.ROFS)


def _check_name(directory: Directory, name: str) -> None:
    if len(name.encode()) > MAXIMUM_NAME:
        raise WasiError(Errno.NAMETOOLONG)
