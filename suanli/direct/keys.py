"""Opens one's encrypted key file. No key or password ever enters an error, a log or a command line."""

import json
import sys
from pathlib import Path

import typer
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, to_checksum_address

from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def address_in(keystore: Path) -> Address:
    """The account of a key file, which stands in it in clear. Raises ClientError(KEYSTORE_INVALID)."""
    text = str(_content(keystore).get("address", ""))
    if not is_address(text):
        raise ClientError(Reason.KEYSTORE_INVALID, f"{keystore}: it names no address")
    return to_checksum_address(text)


def unlock(keystore: Path, password_file: Path | None) -> LocalAccount:
    """The key, with the password from the file's first line or a prompt. Raises ClientError."""
    content = _content(keystore)
    try:
        key = Account.decrypt(content, _password(keystore, password_file))
    except (ValueError, KeyError, TypeError, NotImplementedError):
        # the cause may quote what it was given: it is dropped on purpose
        detail = f"{keystore}: the password is wrong, or the file is damaged"
        raise ClientError(Reason.KEYSTORE_INVALID, detail) from None
    account: LocalAccount = Account.from_key(bytes(key))
    return account


def _password(keystore: Path, password_file: Path | None) -> str:
    if password_file is None:
        if not sys.stdin.isatty():
            raise ClientError(Reason.KEYSTORE_INVALID, "there is no terminal to ask for the password")
        return str(typer.prompt(f"Password of {keystore}", hide_input=True, err=True))
    try:
        lines = password_file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ClientError(Reason.KEYSTORE_INVALID, f"{password_file} cannot be read") from None
    if not lines or not lines[0]:
        raise ClientError(Reason.KEYSTORE_INVALID, f"{password_file} is empty; its first line is what counts")
    return lines[0]


def _content(keystore: Path) -> dict[str, object]:
    try:
        content = json.loads(keystore.read_text("utf-8"))
    except (OSError, ValueError):
        raise ClientError(Reason.KEYSTORE_INVALID, f"{keystore} is no key file that can be read") from None
    if not isinstance(content, dict) or not ({"crypto", "Crypto"} & set(content)):
        raise ClientError(Reason.KEYSTORE_INVALID, f"{keystore}: it is not a Web3 Secret Storage file")
    return content
