"""Files that commands write: private ones that must survive a power cut, for salts, and papers for others.

A place where none can be written is named: ClientError(SETTINGS_INVALID).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason


def write_private(path: Path, content: bytes) -> None:
    """Write a file and its folder; both are durable on disk when this returns. Raises ClientError."""
    with _naming(path):
        _write_private(path, content)


def write_document(path: Path, text: str) -> None:
    """Write a paper that is meant for others, too. Raises ClientError."""
    with _naming(path):
        path.write_text(text)


def _write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ClientError(Reason.SETTINGS_INVALID, f"{path} cannot be written: {error.strerror}") from error


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
