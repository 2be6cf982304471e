"""The operator's key: an encrypted file (Web3 Secret Storage) and its password in a file of its own.

Neither key nor password ever enters an error, a log or a command line.
"""

import json
import os
import secrets
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

_WORK_FACTOR = 1 << 12
"""Small, for the password is random: 256 bits need no stretching."""


def load_operator(keystore: Path, password_file: Path) -> LocalAccount:
    """The operator's key, decrypted. Raises MarketError(KEYSTORE_INVALID)."""
    try:
        key = Account.decrypt(keystore.read_text(), password_file.read_text().split("\n", 1)[0])
    except FileNotFoundError as error:
        detail = f"there is no {error.filename}; `suanli market init` makes an operator's key"
        raise MarketError(Reason.KEYSTORE_INVALID, detail) from error
    except OSError as error:
        raise MarketError(Reason.KEYSTORE_INVALID, f"{error.filename} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError):
        # the cause may quote what it was given: it is dropped on purpose
        detail = f"{keystore} does not open with the password in {password_file}, or is damaged"
        raise MarketError(Reason.KEYSTORE_INVALID, detail) from None
    account: LocalAccount = Account.from_key(key)
    return account


def make_operator(keystore: Path, password_file: Path) -> Address:
    """A new key under a new random password, readable by this user alone; an existing one stays.

    Raises MarketError(KEYSTORE_INVALID), MarketError(SETTINGS_INVALID) where no file can be written.
    """
    if keystore.exists():
        return load_operator(keystore, password_file).address
    account = Account.create()
    password = secrets.token_urlsafe(32)
    _write_private(password_file, password + "\n")
    encrypted = Account.encrypt(account.key, password, kdf="scrypt", iterations=_WORK_FACTOR)
    _write_private(keystore, json.dumps(encrypted))
    address: Address = account.address
    return address


def _write_private(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except OSError as error:
        raise MarketError(Reason.SETTINGS_INVALID, f"{path} cannot be written: {error}") from error
