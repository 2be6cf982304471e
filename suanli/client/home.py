"""Where a buyer's things lie on this machine: keystores, and the record of orders and receipts.

`~/.suanli` unless `SUANLI_HOME` or `--state` names another folder.
"""

import os
from pathlib import Path

from suanli.protocol.deployment import from_text
from suanli.protocol.errors import ClientError, ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment

HOME_VARIABLE = "SUANLI_HOME"


class Home:
    """One folder that belongs to one person; made with permissions for nobody else."""

    def __init__(self, folder: Path | None = None) -> None:
        chosen = folder or os.environ.get(HOME_VARIABLE) or Path.home() / ".suanli"
        self.folder = Path(chosen).expanduser()

    def accounts(self) -> Path:
        """The folder of keystore files."""
        return self.folder / "accounts"

    def keystores(self) -> list[Path]:
        """The keystore files, by name."""
        return sorted(self.accounts().glob("*.json"))

    def only_keystore(self) -> Path:
        """The keystore, where there is just one. Raises ClientError(KEYSTORE_INVALID)."""
        found = self.keystores()
        if len(found) == 1:
            return found[0]
        why = "there are several keystores" if found else "there is no keystore"
        raise ClientError(Reason.KEYSTORE_INVALID, f"{why} in {self.accounts()}: name one with --keystore")

    def record(self, deployment: Deployment) -> Path:
        """The record file of one deployment."""
        name = f"{deployment.chain_id}-{deployment.ledger.lower()}.sqlite3"
        return private_folder(self.folder / "records") / name


def read_deployment(path: Path) -> Deployment:
    """The deployment in a file. Raises ClientError(SETTINGS_INVALID)."""
    try:
        return from_text(path.read_text())
    except (OSError, UnicodeDecodeError, ProtocolError) as error:
        raise ClientError(Reason.SETTINGS_INVALID, f"{path} cannot be used: {error}") from error


def private_folder(folder: Path) -> Path:
    """The folder, made if missing, for its owner only. Raises ClientError(SETTINGS_INVALID)."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ClientError(Reason.SETTINGS_INVALID, f"{folder} cannot be made: {error.strerror}") from error
    return folder
