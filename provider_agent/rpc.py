"""JSON-RPC to an Ethereum node, and calls of our contracts by their ABI. Holds no keys."""

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import httpx
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic, function_abi_to_4byte_selector

from suanli.protocol.abi import ContractName, load
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_TIMEOUT_SECONDS = 10.0


class Rpc:
    """One JSON-RPC endpoint. Every failure is a ChainError with CHAIN_UNREACHABLE or CONTRACT_REVERTED."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS)
        self._numbers = itertools.count(1)

    async def close(self) -> None:
        """Ends the connections."""
        await self._http.aclose()

    async def request(self, method: str, *parameters: Any) -> Any:
        """The result of one request."""
        body = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": list(parameters)}
        try:
            answer = await self._http.post(self._url, json=body)
            value = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ChainError(Reason.CHAIN_UNREACHABLE, f"the chain at {self._url}: {error!r}") from error
        if "error" in value:
            raise _refused(method, value["error"])
        return value.get("result")

    async def call(
        self,
        contract: ContractName,
        address: Address,
        function: str,
        arguments: Sequence[Any] = (),
        block: str = "latest",
    ) -> tuple[Any, ...]:
        """The outputs of a view function at a block (`latest` or a number in hex)."""
        data = call_data(contract, function, arguments)
        result = await self.request("eth_call", {"to": address, "data": data}, block)
        types = _types(_entry(contract, function)["outputs"])
        try:
            return decode(types, bytes.fromhex(result[2:]))
        except (DecodingError, TypeError, ValueError) as error:
            detail = f"no {contract} answers at {address}: is this the right chain?"
            raise ChainError(Reason.WRONG_CHAIN, detail) from error

    async def number(self, method: str, *parameters: Any) -> int:
        """A result that is one number in hex."""
        return int(await self.request(method, *parameters), 16)


def call_data(contract: ContractName, function: str, arguments: Sequence[Any]) -> str:
    """Selector and encoded arguments as 0x-hex."""
    data = encode(input_types(contract, function), list(arguments))
    return "0x" + (selector(contract, function) + data).hex()


def selector(contract: ContractName, function: str) -> bytes:
    """The four bytes by which a call names a function."""
    return bytes(function_abi_to_4byte_selector(_entry(contract, function)))  # type: ignore[arg-type]


def input_types(contract: ContractName, function: str) -> list[str]:
    """The ABI types of a function's arguments."""
    return _types(_entry(contract, function)["inputs"])


def event_topic(contract: ContractName, event: str) -> Hash:
    """The first topic of an event's logs."""
    return "0x" + event_abi_to_log_topic(_entry(contract, event)).hex()  # type: ignore[arg-type]


def event_data(contract: ContractName, event: str, data: str) -> dict[str, Any]:
    """The fields of a log that are not indexed."""
    fields = [item for item in _entry(contract, event)["inputs"] if not item["indexed"]]
    values = decode(_types(fields), bytes.fromhex(data[2:]))
    return dict(zip((field["name"] for field in fields), values, strict=True))


def _types(parameters: Sequence[Any]) -> list[str]:
    """ABI types as the codec wants them; a struct is a tuple of its fields' types."""
    return [collapse_if_tuple(parameter) for parameter in parameters]


@cache
def _entry(contract: ContractName, name: str) -> dict[str, Any]:
    return next(entry for entry in load(contract).abi if entry.get("name") == name)


def _refused(method: str, error: Any) -> ChainError:
    message = error.get("message", error) if isinstance(error, dict) else error
    reverted = "revert" in str(message)
    reason = Reason.CONTRACT_REVERTED if reverted else Reason.CHAIN_UNREACHABLE
    return ChainError(reason, f"{method}: {message}")
