"""Puts a contract's refusal into words: the custom error's name and its values. Pure."""

from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from suanli.protocol.abi import load
from suanli.protocol.deployment import CONTRACTS

_SELECTOR = 4


def explain(error: Exception) -> str:
    """What a contract said when it refused: `the contract refused: StillThawing(readyAt=17)`."""
    data = getattr(error, "data", None)
    if not isinstance(data, str) or not data.startswith("0x"):
        return f"the contract refused: {str(error)[:200]}"
    raw = bytes.fromhex(data[2:])
    known = _errors().get(raw[:_SELECTOR])
    if known is None:
        return f"the contract refused with data {data[:74]}"
    return f"the contract refused: {_named(known, raw[_SELECTOR:])}"


def _named(error: dict[str, Any], arguments: bytes) -> str:
    try:
        values = decode(_types(error), arguments)
    except DecodingError:
        return str(error["name"])
    shown = (f"0x{value.hex()}" if isinstance(value, bytes) else value for value in values)
    pairs = [f"{one['name']}={value}" for one, value in zip(error["inputs"], shown, strict=True)]
    return f"{error['name']}({', '.join(pairs)})"


def _types(error: dict[str, Any]) -> list[str]:
    return [collapse_if_tuple(one) for one in error["inputs"]]


@cache
def _errors() -> dict[bytes, dict[str, Any]]:
    parts = [part for name in (*CONTRACTS, "TestToken") for part in load(name).abi]
    return {
        keccak(text=f"{part['name']}({','.join(_types(part))})")[:_SELECTOR]: part
        for part in parts
        if part["type"] == "error"
    }
