"""Keys in encrypted files (Web3 Secret Storage): never on a command line, in a log or in the journal."""

import json
import os
import secrets
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

_RANDOM_PASSWORD_ITERATIONS = 2
"""Stretching protects weak passwords; ours are 256 random bits."""
_PASSWORD_BYTES = 32


def create_key(keystore: Path, password_file: Path) -> LocalAccount:
    """Makes a key, encrypted under a random password beside it. Raises NodeError(STATE_CONFLICT)."""
    if keystore.exists():
        raise NodeError(Reason.STATE_CONFLICT, f"{keystore} exists already: a key is never overwritten")
    account: LocalAccount = Account.create()
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    encrypted = Account.encrypt(account.key, password, kdf="pbkdf2", iterations=_RANDOM_PASSWORD_ITERATIONS)
    _write_private(password_file, password)
    _write_private(keystore, json.dumps(encrypted))
    return account


def open_key(keystore: Path, password_file: Path) -> LocalAccount:
    """The key in a keystore. Raises NodeError(KEYSTORE_INVALID)."""
    try:
        password = password_file.read_text().strip("\r\n")
    except OSError as error:
        raise NodeError(Reason.KEYSTORE_INVALID, f"the password file cannot be read: {error}") from error
    return unlock(keystore, password)


def unlock(keystore: Path, password: str) -> LocalAccount:
    """The key in a keystore. Raises NodeError(KEYSTORE_INVALID)."""
    try:
        key = Account.decrypt(json.loads(keystore.read_text()), password)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NodeError(Reason.KEYSTORE_INVALID, f"{keystore} cannot be opened: {error}") from error
    account: LocalAccount = Account.from_key(key)
    return account


def address_in(keystore: Path) -> Address:
    """The address that a keystore states in clear. Raises NodeError(KEYSTORE_INVALID)."""
    try:
        return to_checksum_address("0x" + json.loads(keystore.read_text())["address"].removeprefix("0x"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NodeError(Reason.KEYSTORE_INVALID, f"{keystore} names no address: {error}") from error


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
