"""Paths of the guest, resolved name by name in the tree that the runner keeps in memory.

There are no links, so `..` means what it says; above the root there is nothing.
"""

from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.nodes import Directory, Node

MAXIMUM_PATH = 512
"""Characters of a path, as in the documents that name outputs."""
MAXIMUM_NAME = 255
"""Bytes of one name."""


def decode(raw: bytes) -> str:
    """A path as the guest passed it. Raises WasiError."""
    try:
        path = raw.decode()
    except UnicodeDecodeError:
        raise WasiError(Errno.ILSEQ) from None
    if "\x00" in path:
        raise WasiError(Errno.INVAL)
    if len(path) > 2 * MAXIMUM_PATH:
        raise WasiError(Errno.NAMETOOLONG)
    return path


def find(start: Directory, path: str) -> Node:
    """The node at `path` below `start`. Raises WasiError."""
    node: Node = start
    for name in _names(path):
        node = step(_directory(node), name)
    return _directory(node) if path.endswith("/") else node


def locate(start: Directory, path: str) -> tuple[Directory, str]:
    """The directory that holds the last name of `path`, and that name, which need not exist yet."""
    names = _names(path)
    if not names or names[-1] == "..":
        raise WasiError(Errno.INVAL)
    node: Node = start
    for name in names[:-1]:
        node = step(_directory(node), name)
    return _directory(node), names[-1]


def step(directory: Directory, name: str) -> Node:
    """One name further. Raises WasiError(PERM) above the root and WasiError(NOENT)."""
    if name == "..":
        if directory.parent is None:
            raise WasiError(Errno.PERM)
        return directory.parent
    if name not in directory.entries:
        raise WasiError(Errno.NOENT)
    return directory.entries[name]


def is_within(directory: Directory, ancestor: Directory) -> bool:
    """Whether `directory` is `ancestor` or lies below it."""
    here: Directory | None = directory
    while here is not None and here is not ancestor:
        here = here.parent
    return here is ancestor


def _names(path: str) -> list[str]:
    if not path:
        raise WasiError(Errno.NOENT)
    if path.startswith("/"):
        raise WasiError(Errno.PERM)
    return [name for name in path.split("/") if name not in ("", ".")]


def _directory(node: Node) -> Directory:
    if not isinstance(node, Directory):
        raise WasiError(Errno.NOTDIR)
    return node
