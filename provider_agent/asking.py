"""Keeps the node's offer standing: signs the ask file anew when it changed or is about to expire."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from eth_account.signers.local import LocalAccount

from provider_agent.ask import parse_ask, same_offer
from provider_agent.client import MarketClient
from provider_agent.home import Home
from provider_agent.journal import Journal
from provider_agent.settings import Settings
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Ask
from suanli.protocol.signatures import sign
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import AskRequest

log = structlog.get_logger()

_LOOK_SECONDS = 2.0
REPLACED_SECONDS = 600
"""A lease under an ask that was replaced so recently is still taken: messages cross."""


@dataclass
class Asking:
    """One node's offer; `on_slots` hears how many tasks may run at once."""

    home: Home
    settings: Settings
    key: LocalAccount
    journal: Journal
    client: MarketClient
    on_slots: Callable[[int], None]
    _announced: int | None = None
    _valid: list[Ask] = field(default_factory=list)

    def valid(self) -> list[Ask]:
        """The asks that a lease may name, the standing one first."""
        return self._valid

    def read(self) -> Ask:
        """Signs the file as it is now, unless the standing ask says the same for long enough yet."""
        now = int(time.time())
        lifetime = self.settings.timing.ask_lifetime
        ask = parse_ask(
            self.home.ask,
            self.key.address,
            self.settings.deployment.token_decimals,
            expiry=now + lifetime,
            nonce=time.time_ns(),
        )
        standing = self.journal.standing_ask()
        if (
            standing is None
            or not same_offer(ask, standing.message)
            or standing.message.expiry < now + lifetime // 2
        ):
            signed = Signed[Ask](message=ask, signature=sign(self.key, self.settings.domain, ask))
            self.journal.add_ask(signed, now)
            standing = signed
        self._valid = [one for one in self.journal.asks(now - REPLACED_SECONDS) if one.expiry > now]
        self.on_slots(standing.message.slots)
        return standing.message

    async def run(self) -> None:
        """Runs as long as the agent. A file that cannot be read leaves the standing ask as it is."""
        while True:
            try:
                await self.step()
            except NodeError as error:
                log.warning("ask", reason=error.reason.value, detail=error.detail)
            await asyncio.sleep(_LOOK_SECONDS)

    async def step(self) -> None:
        """Reads the file; tells the market when it does not know the standing ask yet."""
        self.read()
        standing = self.journal.standing_ask()
        if standing is not None and standing.message.nonce != self._announced:
            await self.client.put_ask(AskRequest(ask=standing))
            self._announced = standing.message.nonce
            log.info("ask stands", slots=standing.message.slots, expiry=standing.message.expiry)
