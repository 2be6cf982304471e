"""A chain that answers from memory and tells what a test likes: each lie of an RPC must be named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from eth_utils.address import to_checksum_address

from suanli.audit.chain import Chain, Event, Progress, Transaction
from suanli.protocol.abi import ContractName
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

NOBODY_KNOWN = to_checksum_address("0x" + "c4" * 20)
Path = tuple[str | int, ...]
"""Where in an answer a value stands."""
Asked = tuple[ContractName, str, tuple[Any, ...]]
"""A view with its arguments."""


class Witness(Chain):
    """Asks the real chain once for each thing. Lies: of one view, of its events, of its blocks' hashes."""

    def __init__(self, rpc_url: str, deployment: Deployment) -> None:
        super().__init__(rpc_url, deployment)
        self.seen: dict[Any, Any] = {}
        self.asked: dict[Asked, Any] = {}
        self.be_honest()

    def be_honest(self) -> None:
        """Tells the truth from now on."""
        self.lie: tuple[Asked, Any] | None = None
        self.tale: Callable[[list[Event]], list[Event]] | None = None
        self.hashes: Callable[[int], Hash] | None = None

    @property
    def is_honest(self) -> bool:
        """Whether nothing is told falsely."""
        return (self.lie, self.tale, self.hashes) == (None, None, None)

    @property
    def told(self) -> list[Event]:
        """Every true event."""
        return list(self.seen["events"])

    @property
    def answers(self) -> dict[Asked, Any]:
        """What the views of the honest audit say; what only a lie makes the auditor ask is not among it."""
        return dict(self.asked)

    def view(self, name: ContractName, function: str, *arguments: Any, block: int | None = None) -> Any:
        key: Asked = (name, function, arguments)
        if self.lie is not None and self.lie[0] == key:
            return self.lie[1]
        found = self._once((key, block), lambda: super(Witness, self).view(*key[:2], *arguments, block=block))
        if self.is_honest:
            self.asked[key] = found
        return found

    def events(self, first: int, last: int, progress: Progress) -> Iterator[Event]:
        told = self._once("events", lambda: list(super(Witness, self).events(first, last, progress)))
        yield from told if self.tale is None else self.tale(told)

    def head(self) -> int:
        return int(self._once("head", super().head))

    def check_chain(self) -> None:
        self._once("chain", super().check_chain)

    def tokens_held(self, account: Address, block: int) -> int:
        return int(self._once((account, block), lambda: super(Witness, self).tokens_held(account, block)))

    def transaction(self, hash_: Hash) -> Transaction | None:
        found: Transaction | None = self._once(hash_, lambda: super(Witness, self).transaction(hash_))
        return found

    def inner_calldata(self, hash_: Hash) -> bytes:
        return bytes(self._once(("inner", hash_), lambda: super(Witness, self).inner_calldata(hash_)))

    def block_hash(self, block: int) -> Hash:
        if self.hashes is not None:
            return self.hashes(block)
        return str(self._once(("block", block), lambda: super(Witness, self).block_hash(block)))

    def has_code(self, account: Address) -> bool:
        return bool(self._once(("code", account), lambda: super(Witness, self).has_code(account)))

    def _once(self, key: Any, ask: Callable[[], Any]) -> Any:
        if key not in self.seen:
            self.seen[key] = ask()
        return self.seen[key]


def places(value: Any, here: Path = ()) -> Iterator[Path]:
    """Every place of a plain value in an answer, down into structs and lists."""
    if isinstance(value, dict | list | tuple):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in parts:
            yield from places(part, (*here, name))
    else:
        yield here


def altered(value: Any, place: Path) -> Any:
    """The answer with another value at a place."""
    if not place:
        return _other(value)
    if isinstance(value, dict):
        return value | {place[0]: altered(value[place[0]], place[1:])}
    parts = list(value)
    at = int(place[0])
    parts[at] = altered(parts[at], place[1:])
    return parts


def retold(events: list[Event], changed: Event, place: Path) -> list[Event]:
    """The events with another value at a place of one of them."""
    other = replace(changed, arguments=altered(changed.arguments, place))
    return [other if one is changed else one for one in events]


def left_out(events: list[Event], missing: Event) -> list[Event]:
    """The events without one of them."""
    return [one for one in events if one is not missing]


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 3
        case bytes():
            return bytes([*value[:-1], value[-1] ^ 2])
        case str() if len(value) == len(NOBODY_KNOWN):
            return NOBODY_KNOWN
        case str() if value.startswith("0x"):
            return value[:-1] + ("0" if value[-1] != "0" else "8")
    return f"{value}?"
