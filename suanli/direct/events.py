"""The events that are asked for here, and how their filters and contents are coded. Pure."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from suanli.direct.event_store import Log
from suanli.protocol.abi import ContractName, load

KINDS: dict[ContractName, tuple[str, ...]] = {
    "GridRegistry": ("NodeConnected", "Delegated"),
    "Bidding": ("Reserved", "AuctionOpened", "BidCommitted", "BidRevealed", "BondSettled"),
    "ClaimCourt": ("ClaimOpened", "ClaimClosed", "ClaimChallenged", "DisputeEscalated", "DisputeResolved"),
}
"""All that a scan keeps; what is not here is never found."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event: its arguments (structs as mappings, hashes as bytes) and its block's number."""

    arguments: dict[str, Any]
    block: int


def topics_of(name: ContractName, event: str, named: dict[str, Any]) -> list[bytes | None]:
    """The topics of an event whose indexed arguments are as `named`; None where any will do."""
    described = _described(name, event)
    indexed = [one for one in described["inputs"] if one["indexed"]]
    assert event in KINDS[name]
    assert set(named) <= {one["name"] for one in indexed}
    values = [
        encode([one["type"]], [named[one["name"]]]) if one["name"] in named else None for one in indexed
    ]
    return [bytes(event_abi_to_log_topic(described)), *values]


def decoded(name: ContractName, event: str, log: Log) -> Said:
    """What a log of that event says."""
    inputs = _described(name, event)["inputs"]
    indexed = [one for one in inputs if one["indexed"]]
    told = [one for one in inputs if not one["indexed"]]
    values = {
        one["name"]: _plain(one, decode([one["type"]], topic)[0])
        for one, topic in zip(indexed, log.topics[1:], strict=True)
    }
    contents = decode([collapse_if_tuple(one) for one in told], log.data)
    values |= {one["name"]: _plain(one, value) for one, value in zip(told, contents, strict=True)}
    return Said(values, log.block)


def _plain(described: dict[str, Any], value: Any) -> Any:
    """Structs as mappings by their fields' names, addresses as we write them."""
    kind = described["type"]
    if kind == "tuple[]":
        return [_plain({**described, "type": "tuple"}, one) for one in value]
    if kind == "tuple":
        pairs = zip(described["components"], value, strict=True)
        return {one["name"]: _plain(one, part) for one, part in pairs}
    return to_checksum_address(value) if kind == "address" else value


@cache
def _described(name: ContractName, event: str) -> Any:
    return next(one for one in load(name).abi if one["type"] == "event" and one["name"] == event)
