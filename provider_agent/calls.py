"""Calls of our contracts in a transaction's calldata: its own, a multicall's, or a wallet's inner one.

Pure. What is found may be made up: whoever asks holds it against a hash that an event of the contract names.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from provider_agent.rpc import input_types, selector
from suanli.protocol.abi import ContractName


def find_calls(contract: ContractName, function: str, calldata: bytes) -> Iterator[tuple[Any, ...]]:
    """The arguments of every call of the function that may stand anywhere in the calldata."""
    sought, types = selector(contract, function), input_types(contract, function)
    at = calldata.find(sought)
    while at >= 0:
        # Four bytes that only look like the selector say nothing about the next ones.
        with suppress(DecodingError, OverflowError, ValueError):
            yield decode(types, calldata[at + len(sought) :])
        at = calldata.find(sought, at + 1)
