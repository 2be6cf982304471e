"""What the node offers: the ask file, the machine's speed and, with automatic prices, the public rounds.

Pure: values in, the ask and its offering out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provider_agent.ask import AskFile
from suanli.protocol.auto_price import Explained, price_of_offering
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Ask, Prices
from suanli.protocol.offering import Offering, offering_hash
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.clearings import RoundPrice

MOVED_BASIS_POINTS = 100
"""An automatic price that has moved by less than this part of itself is left as it stands."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Prices and offering of an ask to be; `explained` says how automatic prices came about."""

    file: AskFile
    prices: Prices
    offering: Offering
    explained: Explained | None

    def ask(self, node: Address, expiry: int, nonce: int) -> Ask:
        """The ask to sign."""
        return Ask(
            node=node,
            prices=self.prices,
            minimumCharge=self.file.minimum_charge,
            slots=self.file.slots,
            limits=self.file.limits,
            offering=offering_hash(self.offering),
            expiry=expiry,
            nonce=nonce,
        )

    def as_before(self, ask: Ask, offering: Offering | None) -> "Offer":
        """Until the rounds are known: automatic prices as they stand, if all else is as it was."""
        before, mine = None if offering is None else offering.auto_price, self.offering.auto_price
        if before is None or mine is None:
            return self
        kept = self.offering.model_copy(update={"auto_price": before})
        changed = mine.model_copy(update={"epoch": before.epoch}) != before or kept != offering
        return self if changed else replace(self, prices=ask.prices, offering=kept, explained=None)


def make_offer(file: AskFile, fuel_per_second: int | None, rounds: Sequence[RoundPrice]) -> Offer:
    """What to offer after `rounds`, the newest first. Raises NodeError(SETTINGS_INVALID).

    `fuel_per_second` is the machine's speed as measured, None before it was.
    """
    if file.auto is not None and file.auto.electricity_atoms_per_kilowatt_hour:
        _require_floor(file, fuel_per_second)
    auto = file.auto and file.auto.model_copy(update={"epoch": rounds[0].epoch if rounds else 0})
    stated = file.stated.model_dump() | {"fuel_per_second": fuel_per_second, "auto_price": auto}
    offering = Offering.model_validate(stated)
    explained = price_of_offering([one.prices for one in rounds], offering)
    return Offer(file, file.prices if explained is None else explained.prices, offering, explained)


def is_same(offer: Offer, ask: Ask, offering: Offering | None) -> bool:
    """Whether a standing ask with its offering needs no new one, its expiry apart.

    Automatic prices that have hardly moved are left alone, so that not every round makes a new ask.
    """
    kept = offer.as_before(ask, offering)
    return kept.ask(ask.node, ask.expiry, ask.nonce) == ask and not _moved(ask.prices, offer.prices)


def _moved(old: Prices, new: Prices) -> bool:
    pairs = zip(old.vector(), new.vector(), strict=True)
    return any(abs(after - before) * 10_000 > before * MOVED_BASIS_POINTS for before, after in pairs)


def _require_floor(file: AskFile, fuel_per_second: int | None) -> None:
    wanted = {
        "watts": file.stated.watts_per_slot,
        "the machine's speed (`suanli node connect` measures it)": fuel_per_second,
    }
    if missing := [name for name, known in wanted.items() if not known]:
        detail = f"ask.toml: auto.electricity makes a floor for prices, which needs {missing[0]}"
        raise NodeError(Reason.SETTINGS_INVALID, detail)
