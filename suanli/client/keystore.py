"""Encrypted key files (Web3 Secret Storage, scrypt): the only place where an account's key is kept.

No key or password ever enters an error, a log or a command line.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N
from eth_utils.address import is_address, to_checksum_address

from suanli.client.home import private_folder
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

SCRYPT_WORK_FACTOR = 1 << 18
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keystore:
    """One encrypted key file."""

    path: Path

    def address(self) -> Address:
        """The account's address, which stands in the file in clear. Raises ClientError(KEYSTORE_INVALID)."""
        text = str(self._read().get("address", ""))
        if not is_address(text):
            raise self._invalid("it names no address")
        return to_checksum_address(text)

    def unlock(self, password: str) -> LocalAccount:
        """The key. Raises ClientError(KEYSTORE_INVALID) when the password is wrong."""
        content = self._read()
        try:
            key = Account.decrypt(content, password)
        except (ValueError, KeyError, TypeError, NotImplementedError):
            # the cause may quote what it was given: it is dropped on purpose
            raise self._invalid("the password is wrong, or the file is damaged") from None
        return _account(bytes(key))

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(self.path.read_text("utf-8"))
        except OSError as error:
            raise self._invalid(f"it cannot be read: {error.strerror}") from None
        except ValueError:
            raise self._invalid("it is not JSON") from None
        if not isinstance(content, dict) or not ({"crypto", "Crypto"} & set(content)):
            raise self._invalid("it is not a Web3 Secret Storage file")
        return content

    def _invalid(self, why: str) -> ClientError:
        return ClientError(Reason.KEYSTORE_INVALID, f"{self.path}: {why}")


def create_keystore(path: Path, password: str, work_factor: int = SCRYPT_WORK_FACTOR) -> Keystore:
    """A new account in a new file. Raises ClientError(KEYSTORE_INVALID) when the file exists."""
    return _write(path, Account.create(), password, work_factor)


def import_keystore(
    path: Path, secret: str, password: str, work_factor: int = SCRYPT_WORK_FACTOR
) -> Keystore:
    """An account of a private key in hex. Raises ClientError(KEYSTORE_INVALID) without quoting the key."""
    try:
        key = bytes.fromhex(secret.strip().removeprefix("0x"))
    except ValueError:
        key = b""
    return _write(path, _account(key), password, work_factor)


def read_secret(path: Path) -> str:
    """The first line of a file that holds a password or a key. Raises ClientError(KEYSTORE_INVALID)."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise ClientError(Reason.KEYSTORE_INVALID, f"{path} cannot be read: {why}") from None
    if not lines or not lines[0]:
        raise ClientError(Reason.KEYSTORE_INVALID, f"{path} is empty; its first line is what counts")
    return lines[0]


def _account(key: bytes) -> LocalAccount:
    if len(key) != _KEY_BYTES or not 0 < int.from_bytes(key, "big") < SECPK1_N:
        raise ClientError(Reason.KEYSTORE_INVALID, "a private key is 64 hex digits, and not zero")
    account: LocalAccount = Account.from_key(key)
    return account


def _write(path: Path, account: LocalAccount, password: str, work_factor: int) -> Keystore:
    if not password:
        raise ClientError(Reason.KEYSTORE_INVALID, "the password is empty")
    private_folder(path.parent)
    content = json.dumps(account.encrypt(password, kdf="scrypt", iterations=work_factor))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ClientError(Reason.KEYSTORE_INVALID, f"{path} exists; it is never overwritten") from None
    except OSError as error:
        raise ClientError(Reason.KEYSTORE_INVALID, f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return Keystore(path)
