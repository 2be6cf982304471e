"""The fleet: every provider's ask and free capacity, and the exact best of them for an item at once.

`arrays.pair` states the rules; a provider must also have the item's load free. Most surplus wins, ties go to
the lowest order. Families and group budgets are rules of a round and not looked at here. One writer only.
"""

from typing import Literal, Protocol, TypeAlias

import numpy as np

from market.core.engine.asks import decoded
from market.core.engine.decision import Decision, Decisions, Exclusions, Relaxation
from market.core.engine.items import Items, Scale, check_items, encode, factors
from market.core.engine.layout import Layout
from market.core.engine.partition import alike, typical
from market.core.engine.plain import Plain
from market.core.engine.register import Register
from market.core.engine.relaxations import eased, easings, worthwhile
from market.core.engine.scan import count_exclusions, scan
from suanli.protocol.arrays import Demand, Integers, Measure, Numbers, Supply
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason

Variant: TypeAlias = Literal["numpy", "numba", "auto"]
FEW = 256
"""Below this many providers a scan in numpy is as good as the index, and nothing is compiled."""


class Kernel(Protocol):
    """A way to decide on a register: a scan in numpy, or a compiled index."""

    def best(self, items: Items, item: int, count: int) -> list[Decision]: ...
    def decide(self, items: Items, item: int) -> Decision | None: ...
    def decide_many(self, items: Items, reserving: bool) -> Decisions: ...
    def changed(self, provider: int) -> None: ...
    def released(self, providers: Integers) -> None: ...
    def moved(self, provider: int) -> None: ...
    def rebuild(self, scale: Scale) -> None: ...


class Fleet:
    """Providers by number (`supply`'s places, then as added). All money in micro-atoms.

    regions: how many an item's `region_cost` covers; order: who comes first among equals (unique; the
    provider's number by default); variant: both decide the same to the bit, `auto` takes numba once there are
    FEW. Errors: ProtocolError(QUANTITY_OUT_OF_RANGE) for numbers that are off, MarketError(NOT_FOUND,
    CAPACITY_TAKEN).
    """

    def __init__(
        self,
        measure: Measure,
        supply: Supply,
        regions: int,
        order: Integers | None = None,
        variant: Variant = "auto",
    ) -> None:
        needs, resources = supply.offers.shape[1], supply.capacity.shape[1]
        self.layout = Layout(measure, supply.quality.shape[1], needs, resources, regions)
        self._register = Register(self.layout, supply, order)
        self._grows = variant == "auto"
        if variant == "auto":
            variant = "numpy" if len(supply) < FEW else "numba"
        self.variant = variant
        self._scale = alike(self.layout, self._register.rows)
        self._tunings = 0
        self._kernel = _kernel(variant, self._register, self._scale)

    def __len__(self) -> int:
        """How many numbers are given out, removed providers' included."""
        return self._register.count

    def items(self, demand: Demand) -> Items:
        """`demand` checked and encoded, to be decided as often as one likes."""
        return encode(self.layout, demand, self._register.ceiling(), self._scale, self._version)

    def tune(self, items: Items) -> None:
        """Arrange the index for items like these: decisions stay the same and come sooner."""
        self._scale = typical(self.layout, self._register.rows, items)
        self._tunings += 1
        self._kernel.rebuild(self._scale)

    def decide(self, items: Items, item: int = 0) -> Decision | None:
        """The best provider for item `item`, or None where there is none. Reserves nothing."""
        self._check_again(items)
        return self._kernel.decide(items, item)

    def best(self, items: Items, item: int = 0, count: int = 2) -> list[Decision]:
        """The `count` best providers for an item, best first: the winner, the runner-up and so on."""
        self._check_again(items)
        return self._kernel.best(items, item, count)

    def decide_many(self, items: Items) -> Decisions:
        """The best provider for each item by itself. Reserves nothing."""
        self._check_again(items)
        return self._kernel.decide_many(items, reserving=False)

    def take_many(self, items: Items) -> Decisions:
        """Decide and reserve one item after the other, in their order."""
        self._check_again(items)
        return self._kernel.decide_many(items, reserving=True)

    def reserve(self, provider: int, load: Integers) -> None:
        """Take `load` (R,) of a provider's capacity. Raises MarketError(CAPACITY_TAKEN), changing nothing."""
        self._register.take(provider, load)
        self._kernel.changed(provider)

    def release(self, provider: int, load: Integers) -> None:
        """Give a reserved `load` (R,) back. Raises ProtocolError where less than that is taken."""
        self._register.give(provider, load)
        self._kernel.changed(provider)

    def release_many(self, providers: Numbers, loads: Integers) -> None:
        """Give reserved loads (K, R) back, one to each of `providers` (K,); on an error none of them."""
        self._register.give_many(providers, loads)
        self._kernel.released(providers.astype(np.int64))

    def put(self, provider: int, ask: Supply) -> None:
        """Replace what a provider asks, offers and has by `ask`'s only row; what is taken stays taken."""
        self._register.put(provider, ask)
        self._kernel.moved(provider)

    def add(self, ask: Supply, order: int | None = None) -> int:
        """The number of a new provider, `ask`'s only row; without `order` it comes last among equals."""
        number = self._register.add(ask, order)
        if self._grows and self.variant == "numpy" and len(self) >= FEW:
            self.variant = "numba"
            self._kernel = _kernel(self.variant, self._register, self._scale)
        else:
            self._kernel.moved(number)
        return number

    def remove(self, provider: int) -> None:
        """Take a provider out; `put` brings it back. What is taken there may still be released."""
        self._register.remove(provider)
        self._kernel.changed(provider)

    def free(self, provider: int) -> Integers:
        """What a provider has free of each resource."""
        return self._register.free(provider)

    def supply(self) -> Supply:
        """All numbers' providers as they stand, with what is free as capacity; removed ones have none."""
        return decoded(self.layout, self._register.rows.copy())

    def exclusions(self, items: Items, item: int = 0) -> Exclusions:
        """How many providers each rule was the first to keep from the item; a pass over the fleet."""
        self._check_again(items)
        return count_exclusions(self.layout, scan(self.layout, self._register.rows, items, item))

    def relaxations(self, items: Items, item: int = 0, open_cost: int = 0) -> list[Relaxation]:
        """What easing each single limit of the item would bring, the greatest saving first.

        open_cost: what a region that is forbidden now would cost the item if it were allowed.
        """
        now = self.decide(items, item)
        limits = easings(items.demand, item, now is not None)
        found = self.decide_many(self.items(eased(items.demand, item, limits, open_cost)))
        return worthwhile(self.layout, self._register.rows, now, limits, found)

    def _check_again(self, items: Items) -> None:
        if items.checked != self._version:
            check_items(self.layout, items.demand, self._register.ceiling())
            items.factors = factors(self.layout, items.rows, self._scale)
            items.checked = self._version

    @property
    def _version(self) -> int:
        return self._register.raises + self._tunings


def _kernel(variant: Variant, register: Register, scale: Scale) -> Kernel:
    if variant == "numpy":
        return Plain(register)
    if variant != "numba":
        raise ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, f"variant: {variant} is neither numpy nor numba")
    # Loading the compiled kernels takes a second that small books need not spend.
    from market.core.engine.indexed import Indexed

    return Indexed(register, scale)
