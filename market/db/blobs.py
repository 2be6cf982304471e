"""Content-addressed bytes: inputs, outputs, logs and documents, found by their SHA-256.

`Blobs` is what the market needs of a store; `LocalBlobs` keeps a folder. A blob appears whole or not at all.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO, Protocol

from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


class Upload(Protocol):
    """A blob on its way in; leaving the `with` block without `finish` forgets it."""

    def __enter__(self) -> "Upload":
        """Begins."""
        ...

    def __exit__(self, *error: object) -> None:
        """Forgets what was not finished."""
        ...

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes. Raises MarketError(BODY_TOO_LARGE)."""
        ...

    def finish(self, expected: Hash | None = None) -> Hash:
        """Makes the blob appear. Raises MarketError(HASH_MISMATCH) when it is not the `expected` one."""
        ...


class Blobs(Protocol):
    """A store of blobs."""

    def size(self, blob: Hash) -> int | None:
        """Bytes of a blob; None when the store lacks it."""
        ...

    def open(self, blob: Hash) -> BinaryIO:
        """The blob's bytes as a stream. Raises MarketError(NOT_FOUND)."""
        ...

    def upload(self) -> Upload:
        """Begins a new blob."""
        ...


def put(blobs: Blobs, data: bytes) -> Hash:
    """Stores `data` and returns its address."""
    with blobs.upload() as upload:
        upload.write(data)
        return upload.finish()


class LocalBlobs:
    """Blobs as files `ab/cdef…` in one folder."""

    def __init__(self, folder: Path, maximum_bytes: int) -> None:
        self.folder = folder
        self.maximum_bytes = maximum_bytes
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def size(self, blob: Hash) -> int | None:
        """Bytes of a blob; None when the folder lacks it."""
        try:
            return self._path(blob).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, blob: Hash) -> BinaryIO:
        """The blob's bytes as a stream. Raises MarketError(NOT_FOUND)."""
        try:
            return self._path(blob).open("rb")
        except FileNotFoundError as error:
            raise MarketError(Reason.NOT_FOUND, f"there is no blob {blob}") from error

    def upload(self) -> "LocalUpload":
        """Begins a new blob in a temporary file."""
        return LocalUpload(self)

    def _path(self, blob: Hash) -> Path:
        digits = blob.removeprefix("0x")
        return self.folder / digits[:2] / digits[2:]


class LocalUpload:
    """A blob that grows in a temporary file beside its place."""

    def __init__(self, blobs: LocalBlobs) -> None:
        self._blobs = blobs
        self._hasher = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> "LocalUpload":
        """Opens the temporary file."""
        descriptor, name = tempfile.mkstemp(dir=self._blobs._incoming)
        self._file, self._temporary = os.fdopen(descriptor, "wb"), Path(name)
        return self

    def __exit__(self, *error: object) -> None:
        """Removes the temporary file unless it has become a blob."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes. Raises MarketError(BODY_TOO_LARGE)."""
        self._size += len(chunk)
        if self._size > self._blobs.maximum_bytes:
            detail = f"a blob has at most {self._blobs.maximum_bytes} bytes"
            raise MarketError(Reason.BODY_TOO_LARGE, detail)
        self._hasher.update(chunk)
        self._file.write(chunk)

    def finish(self, expected: Hash | None = None) -> Hash:
        """Moves the file to its place. Raises MarketError(HASH_MISMATCH)."""
        found = "0x" + self._hasher.hexdigest()
        if expected not in (None, found):
            raise MarketError(Reason.HASH_MISMATCH, f"the bytes hash to {found}, not to {expected}")
        self._file.flush()
        os.fsync(self._file.fileno())
        place = self._blobs._path(found)
        place.parent.mkdir(exist_ok=True)
        os.replace(self._temporary, place)
        return found
