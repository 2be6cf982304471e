"""Keeps the node's offer standing: signs the ask file anew when it changed or is about to expire.

With automatic prices it looks at the market's public rounds now and then, and follows them.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from eth_account.signers.local import LocalAccount

from provider_agent.ask import AskFile, read_ask_file
from provider_agent.capability import speed_of
from provider_agent.client import MarketClient
from provider_agent.home import Home
from provider_agent.journal import Journal
from provider_agent.offer import Offer, is_same, make_offer
from provider_agent.settings import Settings
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Ask
from suanli.protocol.signatures import sign
from suanli.protocol.wire.clearings import RoundPrice
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
    _rounds: Sequence[RoundPrice] | None = None
    _rounds_due: float = 0.0

    def valid(self) -> list[Ask]:
        """The asks that a lease may name, the standing one first."""
        return self._valid

    def read(self) -> Ask:
        """Signs the file as it is now, unless the standing ask says the same for long enough yet."""
        return self._stand(self._file())

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
        file = self._file()
        await self._look_at_rounds(file)
        self._stand(file)
        standing = self.journal.standing_ask()
        if standing is not None and standing.ask.message.nonce != self._announced:
            await self.client.put_ask(standing)
            ask = standing.ask.message
            self._announced = ask.nonce
            log.info("ask stands", slots=ask.slots, expiry=ask.expiry, prices=ask.prices.vector())

    def _file(self) -> AskFile:
        return read_ask_file(self.home.ask, self.settings.deployment.token_decimals)

    def _stand(self, file: AskFile) -> Ask:
        now = int(time.time())
        lifetime = self.settings.timing.ask_lifetime
        standing = self.journal.standing_ask()
        offer = self._offer(file, standing)
        if standing is None or _is_news(offer, standing) or _ends_before(standing, now + lifetime // 2):
            ask = offer.ask(self.key.address, expiry=now + lifetime, nonce=time.time_ns())
            signed = Signed[Ask](message=ask, signature=sign(self.key, self.settings.domain, ask))
            standing = AskRequest(ask=signed, offering=offer.offering)
            self.journal.add_ask(standing, now)
        self._valid = [one for one in self.journal.asks(now - REPLACED_SECONDS) if one.expiry > now]
        self.on_slots(standing.ask.message.slots)
        return standing.ask.message

    def _offer(self, file: AskFile, standing: AskRequest | None) -> Offer:
        offer = make_offer(file, speed_of(self.home.capability), self._rounds or ())
        if self._rounds is None and standing is not None:
            return offer.as_before(standing.ask.message, standing.offering)
        return offer

    async def _look_at_rounds(self, file: AskFile) -> None:
        """Learns the public prices of past rounds, when it is time and prices follow them."""
        if file.auto is None or time.monotonic() < self._rounds_due:
            return
        self._rounds_due = time.monotonic() + self.settings.timing.price_poll
        try:
            self._rounds = (await self.client.round_prices(file.auto.rounds)).items
        except NodeError as error:
            log.warning("prices of rounds", reason=error.reason.value, detail=error.detail)


def _is_news(offer: Offer, standing: AskRequest) -> bool:
    return not is_same(offer, standing.ask.message, standing.offering)


def _ends_before(standing: AskRequest, moment: int) -> bool:
    return standing.ask.message.expiry < moment
