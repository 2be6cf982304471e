"""The folder that a job file may take files from: finds them, and refuses what leads out of it.

A job file may come from somebody else: nothing outside its folder is ever read or uploaded.
"""

import hashlib
from pathlib import Path, PurePosixPath

from suanli.client.findings import did_you_mean
from suanli.protocol.documents import MAXIMUM_TASKS, BlobReference
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

WASM_MAGIC = b"\0asm"
_CORE_VERSION = b"\x01\0\0\0"
_CHUNK = 1 << 20


class JobFolder:
    """Files below `root` by relative, `/`-separated path; each is hashed once."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._hashed: dict[Path, tuple[Hash, int]] = {}

    def file(self, path: str) -> Path:
        """The existing file at `path`. Raises ClientError(NOT_FOUND | NOT_AUTHORISED)."""
        found = self._within(path)
        if not found.is_file():
            what = "is not a file" if found.exists() else "does not exist"
            siblings = [one.name for one in found.parent.iterdir()] if found.parent.is_dir() else []
            hint = did_you_mean(found.name, siblings)
            detail = f"{path} {what} in {self.root}" + (f"; {hint}" if hint else "")
            raise ClientError(Reason.NOT_FOUND, detail)
        return found

    def glob(self, pattern: str) -> list[str]:
        """The files that match, sorted by path. Raises ClientError(NOT_FOUND | NOT_AUTHORISED)."""
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            raise _leads_out(pattern)
        try:
            found = [path for path in self.root.glob(pattern) if path.is_file()]
        except (ValueError, NotImplementedError) as error:
            raise ClientError(Reason.DOCUMENT_MALFORMED, f"{pattern!r}: {error}") from error
        names = sorted(path.relative_to(self.root).as_posix() for path in found)
        if not names:
            raise ClientError(Reason.NOT_FOUND, f"{pattern!r} matches no file in {self.root}")
        if len(names) > MAXIMUM_TASKS:
            detail = f"{pattern!r} matches {len(names)} files; a job has at most {MAXIMUM_TASKS} tasks"
            raise ClientError(Reason.DOCUMENT_MALFORMED, detail)
        for name in names:
            self._within(name)
        return names

    def reference(self, path: str, as_: str) -> BlobReference:
        """The file at `path` under its task-side name. Raises ClientError."""
        hash_, size = self.hashed(self.file(path))
        try:
            return BlobReference(path=as_.removeprefix("./"), hash=hash_, size=size)
        except ValueError as error:
            detail = f"{as_!r} is no path under in/: it must be relative, without '.' and '..'"
            raise ClientError(Reason.DOCUMENT_MALFORMED, detail) from error

    def module(self, path: str) -> tuple[Path, Hash, int]:
        """The module's file, hash and size. Raises ClientError(MODULE_INVALID) when it is not WebAssembly."""
        found = self.file(path)
        with found.open("rb") as stream:
            head = stream.read(8)
        if head[:4] != WASM_MAGIC:
            raise ClientError(
                Reason.MODULE_INVALID, f"{path} is not WebAssembly: it does not begin with \\0asm"
            )
        if head[4:] != _CORE_VERSION:
            detail = f"{path} is not a core module (a component, or another version): build for wasm32-wasi"
            raise ClientError(Reason.MODULE_INVALID, detail)
        return (found, *self.hashed(found))

    def hashed(self, path: Path) -> tuple[Hash, int]:
        """The SHA-256 and the size of a file's content, streamed."""
        if path not in self._hashed:
            self._hashed[path] = hash_file(path)
        return self._hashed[path]

    def _within(self, path: str) -> Path:
        found = (self.root / path).resolve()
        if not found.is_relative_to(self.root):
            raise _leads_out(path)
        return found


def hash_file(path: Path) -> tuple[Hash, int]:
    """The SHA-256 and the size of a file's content, streamed."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return "0x" + digest.hexdigest(), size


def _leads_out(path: str) -> ClientError:
    detail = f"{path} leads out of the job's folder; only files inside it are uploaded"
    return ClientError(Reason.NOT_AUTHORISED, detail)
