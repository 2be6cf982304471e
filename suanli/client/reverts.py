"""Puts a contract's refusal into words: the custom error's name and the values that it carries.

Pure; the errors are those of the exported ABIs.
"""

from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from suanli.protocol.abi import load
from suanli.protocol.deployment import CONTRACTS

_SELECTOR = 4


def explain_revert(error: Exception) -> str:
    """What a contract said when it refused: `BalanceTooSmall(account=0x…, balance=5, needed=7)`."""
    data = getattr(error, "data", None)
    text = data if isinstance(data, str) else str(error)
    if not text.startswith("0x"):
        return f"the contract refused: {text[:200]}"
    raw = bytes.fromhex(text[2:])
    known = _errors().get(raw[:_SELECTOR])
    if known is None:
        return f"the contract refused with data {text[:74]}"
    return f"the contract refused: {_named(known, raw[_SELECTOR:])}"


def _named(error: dict[str, Any], arguments: bytes) -> str:
    try:
        values = decode([one["type"] for one in error["inputs"]], arguments)
    except DecodingError:
        return str(error["name"])
    names = [one["name"] for one in error["inputs"]]
    pairs = [f"{name}={value}" for name, value in zip(names, values, strict=True)]
    return f"{error['name']}({', '.join(pairs)})"


@cache
def _errors() -> dict[bytes, dict[str, Any]]:
    parts = [part for name in (*CONTRACTS, "TestToken") for part in load(name).abi]
    return {_selector(part): part for part in parts if part["type"] == "error"}


def _selector(error: dict[str, Any]) -> bytes:
    types = ",".join(one["type"] for one in error["inputs"])
    return keccak(text=f"{error['name']}({types})")[:_SELECTOR]
