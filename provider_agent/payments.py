"""What the contracts say of a node's pay: batches, statements and claims that landed. Reads, decides nothing.

Settlement's events name batches by hash only. Those that the node signed as a list of tasks it knows by that
hash; packed statements and batches by root are read from the calldata, where they count if they hash to it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from provider_agent.calls import find_calls
from provider_agent.chain import LOG_BLOCKS, Chain
from provider_agent.rpc import event_data, event_topic
from provider_agent.settlement import Way
from suanli.protocol.court import Ruling
from suanli.protocol.errors import ProtocolError
from suanli.protocol.netting import batch_hash
from suanli.protocol.root_netting import read_packed as read_root
from suanli.protocol.statement_batches import read_packed as read_statements
from suanli.protocol.values import Address, Hash

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BatchPaid:
    """A batch with a list of tasks landed."""

    batch: Hash
    transaction: Hash


@dataclass(frozen=True, slots=True)
class SerialsPaid:
    """Calldata paid these serials of the node, `gross` atoms with the fee inside, if there is one."""

    way: Way
    serials: tuple[int, ...]
    gross: int
    transaction: Hash


@dataclass(frozen=True, slots=True)
class StatementPaid:
    """A statement of the node landed alone; `root` is over its receipts."""

    root: Hash
    transaction: Hash


class ClaimState(Enum):
    """What the court says of a node's claim."""

    OPEN = "OPEN"
    PAID = "PAID"
    DROPPED = "DROPPED"
    """It fell, or nobody could judge it: its serial is free again."""


@dataclass(frozen=True, slots=True)
class ClaimTold:
    """A claim on the receipt of a lease changed its state."""

    lease: Hash
    state: ClaimState
    transaction: Hash


@dataclass(frozen=True, slots=True)
class Landed:
    """All of it in some blocks up to `last`, in the chain's order."""

    last: int
    batches: list[BatchPaid] = field(default_factory=list)
    statements: list[StatementPaid] = field(default_factory=list)
    serials: list[SerialsPaid] = field(default_factory=list)
    claims: list[ClaimTold] = field(default_factory=list)


@dataclass(frozen=True)
class Payments:
    """One node's pay on one chain. Raises ChainError."""

    chain: Chain
    node: Address

    async def landed(self, first: int, last: int, open_claims: Sequence[Hash]) -> Landed:
        """What landed in blocks `first` to `last`, in part: a long stretch takes several calls.

        `open_claims` are the leases under a claim before `first`.
        """
        last = min(last, first + LOG_BLOCKS - 1)
        batches = [
            BatchPaid(log["topics"][2], log["transactionHash"])
            for log in await self._settled("BatchSettled", first, last)
        ]
        statements = [
            _statement(log) for log in await self._settled("StatementSettled", first, last, None, self._topic)
        ]
        serials = [*await self._stated(first, last), *await self._by_root(first, last)]
        claims = await self._claims(first, last, open_claims)
        return Landed(last, batches, statements, serials, claims)

    async def _stated(self, first: int, last: int) -> list[SerialsPaid]:
        """By packed statements."""
        found = []
        for log in await self._settled("StatementsSettled", first, last):
            rows = await self._packed(log, "settleStatements", log["topics"][1], read_statements)
            own = [row for row in rows or () if row.node == self.node]
            way, by = Way.STATEMENT, log["transactionHash"]
            found += [SerialsPaid(way, row.serials(), row.amount, by) for row in own]
        return found

    async def _by_root(self, first: int, last: int) -> list[SerialsPaid]:
        """By batches by root."""
        found = []
        for log in await self._settled("RootSettled", first, last):
            batch = await self._packed(log, "settleRoot", log["topics"][2], read_root)
            own = None if batch is None else batch.nodes.get(self.node)
            if own is not None:
                found.append(SerialsPaid(Way.ROOT, own.serials(), own.gross, log["transactionHash"]))
        return found

    async def _packed(
        self, log: dict[str, Any], function: str, hash_: Hash, read: Callable[[bytes], T]
    ) -> T | None:
        """The batch that an event names, read from the calldata of its transaction."""
        calldata = await self.chain.calldata(log["transactionHash"])
        for packed, *_ in find_calls("Settlement", function, calldata):
            if batch_hash(packed) == hash_:
                with suppress(ProtocolError):
                    return read(packed)
        return None

    async def _claims(self, first: int, last: int, open_claims: Sequence[Hash]) -> list[ClaimTold]:
        court = self.chain.deployment.court
        opened, closed = (event_topic("ClaimCourt", name) for name in ("ClaimOpened", "ClaimClosed"))
        told = await self.chain.logs(court, [opened, None, None, self._topic], first, last)
        told += await self.chain.logs(court, [closed, None, self._topic], first, last)
        known = {*open_claims, *(log["topics"][1] for log in told)}
        if known:
            resolved = event_topic("ClaimCourt", "DisputeResolved")
            told += await self.chain.logs(court, [resolved, sorted(known)], first, last)
        return [_claim(log) for log in sorted(told, key=_place)]

    async def _settled(self, event: str, first: int, last: int, *topics: str | None) -> list[dict[str, Any]]:
        asked = [event_topic("Settlement", event), *topics]
        return await self.chain.logs(self.chain.deployment.settlement, asked, first, last)

    @property
    def _topic(self) -> str:
        return "0x" + self.node[2:].lower().rjust(64, "0")


def _statement(log: dict[str, Any]) -> StatementPaid:
    fields = event_data("Settlement", "StatementSettled", log["data"])
    return StatementPaid("0x" + fields["receiptsRoot"].hex(), log["transactionHash"])


def _claim(log: dict[str, Any]) -> ClaimTold:
    topic, lease = log["topics"][:2]
    state = ClaimState.OPEN
    if topic == event_topic("ClaimCourt", "ClaimClosed"):
        state = ClaimState.PAID
    elif topic == event_topic("ClaimCourt", "DisputeResolved"):
        ruling = event_data("ClaimCourt", "DisputeResolved", log["data"])["ruling"]
        state = ClaimState.PAID if ruling == Ruling.STANDS else ClaimState.DROPPED
    return ClaimTold(lease, state, log["transactionHash"])


def _place(log: dict[str, Any]) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)
