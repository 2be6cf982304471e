"""The node's home folder: where its keys, journal, cache and work lie, and the lock that lets one agent in.

Everything the agent keeps is under this folder; moving it moves the node.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason


@dataclass(frozen=True, slots=True)
class Home:
    """Paths under one folder."""

    folder: Path

    @classmethod
    def default(cls) -> "Home":
        """The home folder of a user who named none."""
        return cls(user_data_path("suanli") / "node")

    @property
    def settings(self) -> Path:
        """Market, chain and owner of this node."""
        return self.folder / "node.toml"

    @property
    def deployment(self) -> Path:
        """The deployment that the node was made for; it never changes."""
        return self.folder / "deployment.json"

    @property
    def ask(self) -> Path:
        """Prices and limits; the contributor edits it."""
        return self.folder / "ask.toml"

    @property
    def node_keystore(self) -> Path:
        """The node's own key, which holds no money."""
        return self.folder / "node.json"

    @property
    def node_password(self) -> Path:
        """The password of the node's own key."""
        return self.folder / "node.password"

    @property
    def owner_keystore(self) -> Path:
        """The owner's key, unless it is kept elsewhere."""
        return self.folder / "owner.json"

    @property
    def owner_password(self) -> Path:
        """The password of an owner's key that `init` made."""
        return self.folder / "owner.password"

    @property
    def capability(self) -> Path:
        """What this machine was measured to be when it was connected."""
        return self.folder / "capability.json"

    @property
    def journal(self) -> Path:
        """The database of leases and signatures."""
        return self.folder / "journal.sqlite"

    @property
    def blobs(self) -> Path:
        """Modules and inputs by content hash."""
        return self.folder / "blobs"

    @property
    def compiled(self) -> Path:
        """Compiled modules."""
        return self.folder / "compiled"

    @property
    def work(self) -> Path:
        """One folder for each lease that is not over."""
        return self.folder / "work"

    @property
    def judging(self) -> Path:
        """Where disputed tasks run again."""
        return self.folder / "judging"

    def make_folders(self) -> None:
        """Makes what is missing; only the owner may look inside. Raises NodeError(SETTINGS_INVALID)."""
        for folder in (self.folder, self.blobs, self.compiled, self.work, self.judging):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise NodeError(Reason.SETTINGS_INVALID, f"{folder} is no folder to be: {error}") from error

    def require(self) -> None:
        """Raises NodeError(SETTINGS_INVALID) when `init` was not run here."""
        if not self.node_keystore.exists() or not self.settings.exists():
            raise NodeError(
                Reason.SETTINGS_INVALID, f"{self.folder} is no node's home: run `suanli node init` first"
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the home for one agent. Raises NodeError(STATE_CONFLICT) while another one holds it."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise NodeError(
                    Reason.STATE_CONFLICT, f"another agent runs on {self.folder}: stop it first"
                ) from error
            yield
        finally:
            os.close(descriptor)

    def is_locked(self) -> bool:
        """Whether an agent runs on this home."""
        try:
            with self.locked():
                return False
        except NodeError:
            return True
