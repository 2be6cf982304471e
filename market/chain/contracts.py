"""The deployed contracts as data: encodes calls, decodes results, logs, calldata and errors. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from eth_abi.exceptions import DecodingError
from eth_utils.abi import abi_to_signature, get_abi_input_names, get_abi_input_types, get_abi_output_types
from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract
from web3.types import LogReceipt

from suanli.protocol import abi
from suanli.protocol.abi import ContractName
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

CONTRACTS: tuple[ContractName, ...] = get_args(ContractName)
WATCHED: tuple[ContractName, ...] = (
    "Ledger",
    "GridRegistry",
    "Settlement",
    "Bidding",
    "EpochAnchors",
    "ClaimCourt",
)
_CODEC = Web3().codec
_SELECTOR_LENGTH = 4
_BUILT_IN_ERROR = {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]}
_BUILT_IN_PANIC = {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]}


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction's substance: whom it calls with what. `value` in wei; without `to` it creates."""

    to: Address | None
    data: str = "0x"
    value: int = 0


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One decoded log of one of our contracts."""

    contract: ContractName
    name: str
    arguments: Mapping[str, Any]
    block: int
    transaction: Hash


class Contracts:
    """The contracts of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self.addresses: dict[ContractName, Address] = {
            "Authority": deployment.authority,
            "Ledger": deployment.ledger,
            "GridRegistry": deployment.registry,
            "Settlement": deployment.settlement,
            "Bidding": deployment.bidding,
            "EpochAnchors": deployment.anchors,
            "ClaimCourt": deployment.court,
            "TestToken": deployment.token,
        }
        self._contracts = {name: _bound(name, address) for name, address in self.addresses.items()}
        self._names = {address: name for name, address in self.addresses.items()}

    @property
    def watched(self) -> list[Address]:
        """The contracts whose events decide what the market shows."""
        return [self.addresses[name] for name in WATCHED]

    @staticmethod
    def address(text: str) -> Address:
        """An address as the codec yields it, with its checksum."""
        return Web3.to_checksum_address(text)

    def call(self, contract: ContractName, function: str, *arguments: Any) -> Call:
        """A call of a contract's function."""
        data = self._contracts[contract].encode_abi(function, args=list(arguments))
        return Call(self.addresses[contract], data)

    def result(self, contract: ContractName, function: str, data: bytes) -> tuple[Any, ...]:
        """What a view returned."""
        fragment = self._contracts[contract].get_function_by_name(function).abi
        return tuple(_CODEC.decode(get_abi_output_types(fragment), data))

    def event(self, log: LogReceipt) -> ChainEvent | None:
        """The event in a log; None for one that the ABI does not know."""
        name = self._names[log["address"]]
        fragment = _events(name).get(bytes(log["topics"][0]))
        if fragment is None:
            return None
        decoded = self._contracts[name].events[fragment["name"]]().process_log(log)
        transaction = "0x" + bytes(log["transactionHash"]).hex()
        return ChainEvent(name, fragment["name"], decoded["args"], log["blockNumber"], transaction)

    def calldata(self, contract: ContractName, to: Address | None, data: bytes) -> tuple[str, dict[str, Any]]:
        """The function and arguments of a transaction's calldata; ("", {}) when it cannot be read.

        Not strict: the contracts take byte strings whose padding is missing or not zero.
        """
        if to != self.addresses[contract] or len(data) < _SELECTOR_LENGTH:
            return "", {}
        fragment = _functions(contract).get(data[:_SELECTOR_LENGTH])
        if fragment is None:
            return "", {}
        try:
            values = _CODEC.decode(get_abi_input_types(fragment), data[_SELECTOR_LENGTH:], strict=False)
        except (DecodingError, OverflowError, ValueError):
            return "", {}
        return fragment["name"], _named(fragment["inputs"], values)


def creation(contract: ContractName, arguments: Sequence[Any]) -> Call:
    """What creates a contract with its constructor's arguments."""
    artifact = abi.load(contract)
    factory = Web3().eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    return Call(None, str(factory.constructor(*arguments).data_in_transaction))


def describe_revert(data: bytes) -> str:
    """A revert's data as `Name(field=value, …)`, from any contract's custom errors."""
    fragment = _errors().get(data[:_SELECTOR_LENGTH])
    if fragment is None:
        return f"an unknown error 0x{data.hex()}" if data else "no reason was given"
    try:
        values = _CODEC.decode(get_abi_input_types(fragment), data[_SELECTOR_LENGTH:])
    except DecodingError:
        return f"{fragment['name']} with malformed data 0x{data.hex()}"
    pairs = zip(get_abi_input_names(fragment), values, strict=True)
    return f"{fragment['name']}({', '.join(f'{name}={_shown(value)}' for name, value in pairs)})"


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, str) and Web3.is_address(value):
        return Web3.to_checksum_address(value)
    return str(value)


def _bound(name: ContractName, address: Address) -> Contract:
    return Web3().eth.contract(address=Web3.to_checksum_address(address), abi=abi.load(name).abi)


def _named(inputs: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    """Arguments by name, those of a struct as a mapping of their own."""
    return {field["name"]: _value(field, value) for field, value in zip(inputs, values, strict=True)}


def _value(field: Mapping[str, Any], value: Any) -> Any:
    if field["type"] == "tuple":
        return _named(field["components"], value)
    if field["type"] == "tuple[]":
        return [_named(field["components"], one) for one in value]
    return value


@cache
def _functions(name: ContractName) -> dict[bytes, Any]:
    fragments = [fragment for fragment in abi.load(name).abi if fragment["type"] == "function"]
    return {keccak(text=abi_to_signature(fragment))[:4]: fragment for fragment in fragments}  # type: ignore[arg-type]


@cache
def _events(name: ContractName) -> dict[bytes, Any]:
    fragments = [fragment for fragment in abi.load(name).abi if fragment["type"] == "event"]
    return {keccak(text=abi_to_signature(fragment)): fragment for fragment in fragments}  # type: ignore[arg-type]


@cache
def _errors() -> dict[bytes, Any]:
    fragments = [
        _BUILT_IN_ERROR,
        _BUILT_IN_PANIC,
        *(fragment for name in CONTRACTS for fragment in abi.load(name).abi if fragment["type"] == "error"),
    ]
    return {keccak(text=abi_to_signature(fragment))[:4]: fragment for fragment in fragments}  # type: ignore[arg-type]
