"""The file that tells of a deployment: its place is taken before anything is sent, its content is durable.

Contracts that are created cannot be taken back, so a file that cannot be written is found out before.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suanli.protocol.deployment import to_text
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment


class DeploymentFile:
    """A place for a deployment file that was found to be writable."""

    def __init__(self, path: Path, draft: Path) -> None:
        self._path = path
        self._draft = draft

    def write(self, deployment: Deployment) -> None:
        """The deployment, durable on disk when this returns. Raises MarketError(SETTINGS_INVALID)."""
        try:
            with self._draft.open("w") as file:
                file.write(to_text(deployment))
                file.flush()
                os.fsync(file.fileno())
            self._draft.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            find = f"suanli exit find {deployment.ledger} --rpc {deployment.rpc_url} --out FILE"
            detail = (
                f"the contracts are created, {self._path} cannot be written ({error}): `{find}` writes it"
            )
            raise MarketError(Reason.SETTINGS_INVALID, detail) from error


@contextmanager
def reserved(path: Path) -> Iterator[DeploymentFile]:
    """The place of a file that is not there yet; its folders are made.

    Raises MarketError(STATE_CONFLICT) where there is a file, MarketError(SETTINGS_INVALID) where none can be.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.is_file():
            raise MarketError(Reason.STATE_CONFLICT, f"{path} describes a deployment; move it away first")
        if path.exists():
            raise IsADirectoryError(f"{path} is no file")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
    except OSError as error:
        raise MarketError(Reason.SETTINGS_INVALID, f"--out: {path} cannot be written: {error}") from error
    try:
        yield DeploymentFile(path, draft)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
