"""What a juror reads of ClaimCourt: its seats, the disputed claim behind each, what stands sealed.

Never writes.
"""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from provider_agent.chain import LOG_BLOCKS, Chain
from provider_agent.judging.calldata import written
from provider_agent.judging.duty import Seat
from provider_agent.rpc import event_data, event_topic
from suanli.protocol.court import Challenge, Claim, dispute_id, places_of
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Case:
    """A disputed claim, and the calldata of the transaction that opened it."""

    claim: Claim
    calldata: bytes


@dataclass
class Court:
    """One deployment's court. Raises ChainError."""

    chain: Chain
    _rules: CourtRules | None = None
    _nodes: dict[int, Address] = field(default_factory=dict)

    async def rules(self) -> CourtRules:
        """The court's rules, which never change."""
        if self._rules is None:
            (values,) = await self._call("rules")
            self._rules = CourtRules(*values)
        return self._rules

    async def now(self) -> int:
        """The newest block's time, which a wrong clock here cannot move.

        A development chain makes blocks for transactions only: there the clock says what the next will have.
        """
        newest = await self.chain.time()
        return max(newest, int(time.time())) if self.chain.deployment.development else newest

    async def seats(self, node: Address, first: int, last: int) -> list[Seat]:
        """The seats that were drawn for `node` in these blocks (at most LOG_BLOCKS)."""
        topics = [event_topic("ClaimCourt", "PanelDrawn")]
        logs = await self.chain.logs(self.chain.deployment.court, topics, first, last)
        return [seat for log in logs for seat in await self._own_seats(log, node)]

    async def record(self, seat: Seat) -> tuple[int, int]:
        """When the seat's panel was drawn, and its verdict as the court keeps it; zero for neither."""
        dispute = bytes.fromhex(seat.dispute[2:])
        drawn_at, _ = await self._call("panelOf", dispute, seat.round)
        (stored,) = await self._call("verdictOf", dispute, seat.round, seat.number)
        return int(drawn_at), int.from_bytes(stored, "big")

    async def case(self, seat: Seat) -> Case:
        """The claim that a panel judges. Raises NodeError(EVIDENCE_MISSING)."""
        challenge, claim_id, block = await self._challenge(seat)
        topics = [event_topic("ClaimCourt", "ClaimOpened"), claim_id]
        async for log in self._newest_first(topics, block):
            claim = _claim(log)
            if dispute_id(claim, challenge) == seat.dispute:
                return Case(claim, await self.chain.calldata(log["transactionHash"]))
        raise NodeError(Reason.EVIDENCE_MISSING, f"no event tells of the claim behind dispute {seat.dispute}")

    async def block_at(self, moment: int) -> int:
        """The first block whose time is `moment` or later; the newest one when there is none."""
        low, high = self.chain.deployment.first_block, await self.chain.height()
        while low < high:
            middle = (low + high) // 2
            if await self.chain.time(hex(middle)) < moment:
                low = middle + 1
            else:
                high = middle
        return low

    async def _own_seats(self, log: dict[str, Any], node: Address) -> list[Seat]:
        fields, block = event_data("ClaimCourt", "PanelDrawn", log["data"]), int(log["blockNumber"], 16)
        places = places_of(fields["panel"], fields["round"])
        own = [number for number, place in enumerate(places) if await self._node_at(place) == node]
        if not own:
            return []
        drawn_at = await self.chain.time(hex(block))
        return [Seat(log["topics"][1], fields["round"], number, drawn_at, block) for number in own]

    async def _node_at(self, place: int) -> Address:
        if place not in self._nodes:
            registry = self.chain.deployment.registry
            node, _ = await self.chain.rpc.call("GridRegistry", registry, "nodeAt", [place])
            self._nodes[place] = written(node)
        return self._nodes[place]

    async def _challenge(self, seat: Seat) -> tuple[Challenge, Hash, int]:
        """The challenge that began a dispute, its claim's id and its block."""
        topics = [event_topic("ClaimCourt", "ClaimChallenged"), None, seat.dispute]
        async for log in self._newest_first(topics, seat.block):
            values = event_data("ClaimCourt", "ClaimChallenged", log["data"])["challenge"]
            return Challenge(*map(written, values)), log["topics"][1], int(log["blockNumber"], 16)
        raise NodeError(Reason.EVIDENCE_MISSING, f"no event tells of the dispute {seat.dispute}")

    async def _newest_first(self, topics: Sequence[str | None], last: int) -> AsyncIterator[dict[str, Any]]:
        first_block = self.chain.deployment.first_block
        while last >= first_block:
            first = max(first_block, last - LOG_BLOCKS + 1)
            for log in reversed(await self.chain.logs(self.chain.deployment.court, topics, first, last)):
                yield log
            last = first - 1

    async def _call(self, function: str, *arguments: Any) -> tuple[Any, ...]:
        return await self.chain.rpc.call("ClaimCourt", self.chain.deployment.court, function, arguments)


def _claim(log: dict[str, Any]) -> Claim:
    return Claim(*map(written, event_data("ClaimCourt", "ClaimOpened", log["data"])["claim"]))
