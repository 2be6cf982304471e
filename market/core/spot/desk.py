"""The desk: takes, releases and claims become entries of the log, in memory and at once. Pure.

It decides on its floor and its holds alone. What it decided counts only when the entries are committed:
whoever
cannot commit them undoes them, or throws the desk away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from market.core.engine.decision import Decisions
from market.core.holds import Entry, Holds, Kind, Request
from market.core.spot.floor import Floor, Plan, Stand, rows_of, with_barred
from market.core.spot.items import Columns, Wanted
from market.core.spot.pace import Pace
from suanli.protocol.arrays import NOBODY, Demand
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.quotes import TakeRequest

NO_DEADLINE = 1 << 40
"""Seconds since the epoch: of a request that names none."""
_SIZES = tuple(dimension.size for dimension in DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one account may have: open holds, and copies taken per second on average."""

    open_holds: int
    copies_per_second: int
    seconds: int


@dataclass(slots=True)
class Desk:
    """One writer's memory."""

    floor: Floor
    holds: Holds
    allowance: Allowance
    pace: Pace = field(default_factory=Pace)
    changing: set[int] = field(default_factory=set)
    """Holds that an uncommitted entry is about; nothing else may be decided about them meanwhile."""

    def known(self, account: Address, request: TakeRequest) -> Request | None:
        """The request of this key, if there was one. Its content is compared by who answers it."""
        return self.holds.requests.get((account, request.key))

    def check(self, account: Address, request: TakeRequest, waiting: int, at: int) -> None:
        """Raises MarketError(RATE_LIMITED | MESSAGE_MALFORMED | DEADLINE_PASSED); nothing is decided then.

        `waiting`: copies of the account that are about to be decided in the same group.
        """
        if request.seconds > self.allowance.seconds:
            detail = f"a hold lasts {self.allowance.seconds} s at most"
            raise MarketError(Reason.MESSAGE_MALFORMED, detail, maximum=self.allowance.seconds)
        if request.deadline is not None and request.deadline * 1000 <= at:
            raise MarketError(Reason.DEADLINE_PASSED, f"the deadline {request.deadline} has passed")
        copies = copies_of(request)
        if self.holds.by_account[account] + waiting + copies > self.allowance.open_holds:
            detail = f"you may have {self.allowance.open_holds} open holds: order with them or release some"
            raise MarketError(Reason.RATE_LIMITED, detail, maximum=self.allowance.open_holds)
        self.spend(account, copies, at)

    def spend(self, account: Address, copies: int, at: int) -> None:
        """Counts copies that an account takes, or is told of again. Raises MarketError(RATE_LIMITED)."""
        self.pace.spend(account, copies, self.allowance.copies_per_second, at)

    def take(self, requests: Sequence[tuple[Address, TakeRequest, str]], at: int) -> list[list[Entry]]:
        """Decides and reserves every copy of every (account, request, its hash): each one's entries."""
        wanted = [
            Wanted(item, account, request.deadline or NO_DEADLINE)
            for account, request, _ in requests
            for item in request.items
        ]
        demand, columns = self.floor.demand(wanted, at // 1000)
        outcomes = _Outcomes(self.floor, demand, columns, wanted).decided()
        return [self._entries(*request, at, outcomes) for request in requests]

    def undo(self, entries: Sequence[Entry]) -> None:
        """Takes back what was decided last and could not be committed."""
        self.changing.clear()
        self.holds.revert(entries)
        self.floor.release(entry.node for entry in entries if entry.kind is Kind.TAKEN and entry.node)

    def free(self, entries: Sequence[Entry]) -> None:
        """Takes committed entries in that are no takes: the slots of those that ended are free again."""
        for entry in entries:
            self.holds.apply(entry)
            self.changing.discard(entry.hold or 0)
        self.floor.release(entry.node for entry in entries if entry.kind is Kind.FREED and entry.node)

    def advance(self, at: int) -> None:
        """Lets time pass, once the log has it: the slots of holds that have ended are free again."""
        self.floor.release(self.holds.advance(at))

    def stand_on(self, plan: Plan) -> None:
        """Goes on with a newer floor."""
        self.floor = Floor(plan, self.holds.reserved, self.floor)

    def release(self, account: Address, numbers: Sequence[int], at: int) -> list[Entry]:
        """Frees those open holds of an account that no order has claimed."""
        held = self.holds.open
        own = [one for one in dict.fromkeys(numbers) if one in held and held[one].account == account]
        return self._ended([one for one in own if held[one].job is None], at)

    def end(self, numbers: Sequence[int], at: int) -> list[Entry]:
        """Frees claimed holds that are served or void."""
        return self._ended([one for one in dict.fromkeys(numbers) if one in self.holds.open], at)

    def claim(self, account: Address, job: Hash, holds: Sequence[tuple[int, int]], at: int) -> list[Entry]:
        """An order's claims of (hold, task). Raises MarketError(QUOTE_EXPIRED | STATE_CONFLICT)."""
        for number, _ in holds:
            self._check_claim(number, account, job, at)
        new = [(number, task) for number, task in holds if self.holds.open[number].job is None]
        self.changing |= {number for number, _ in new}
        return [
            Entry(
                0, at, Kind.CLAIMED, account, node=self.holds.open[hold].node, hold=hold, job=job, task=task
            )
            for hold, task in new
        ]

    def _ended(self, numbers: Sequence[int], at: int) -> list[Entry]:
        new = [one for one in numbers if one not in self.changing]
        self.changing |= set(new)
        holds = [(one, self.holds.open[one]) for one in new]
        return [Entry(0, at, Kind.FREED, hold.account, node=hold.node, hold=one) for one, hold in holds]

    def _check_claim(self, number: int, account: Address, job: Hash, at: int) -> None:
        hold = self.holds.open.get(number)
        if hold is None or hold.account != account or (hold.job is None and hold.until <= at):
            detail = f"{number} is no open hold of {account}: it has ended, or never was"
            raise MarketError(Reason.QUOTE_EXPIRED, detail, hold=str(number))
        if number in self.changing or hold.job not in (None, job):
            raise MarketError(
                Reason.STATE_CONFLICT, f"the hold {number} is another order's", hold=str(number)
            )

    def _entries(
        self, account: Address, request: TakeRequest, digest: str, at: int, outcomes: Iterator["_Outcome"]
    ) -> list[Entry]:
        """The entries of one request, applied."""
        first, until = self.holds.number + 1, ending(at, request.seconds)
        entries = []
        for place, item in enumerate(request.items):
            for _ in range(item.copies):
                outcome, number = next(outcomes), self.holds.number + 1
                entry = Entry(
                    number,
                    at,
                    Kind.DECLINED if outcome.stand is None else Kind.TAKEN,
                    account,
                    request.key,
                    first,
                    digest if number == first else None,
                    None if outcome.stand is None else outcome.stand.node.node,
                    until,
                    body=outcome.body(number, place),
                )
                self.holds.apply(entry)
                entries.append(entry)
        return entries


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Where one copy goes: a node's stand and what it costs there at most, in atoms, or a reason."""

    stand: Stand | None
    cap: int
    reason: Reason | None

    def body(self, number: int, item: int) -> str:
        """`wire.quotes.Taken` as JSON."""
        if self.stand is None:
            return f'{{"hold":"{number}","item":{item},"node":null,"reason":"{self.reason}"}}'
        return f'{{"hold":"{number}","item":{item},{self.stand.terms},"cap":"{self.cap}"}}'


class _Outcomes:
    """The decisions of a group of items, copy by copy."""

    def __init__(self, floor: Floor, demand: Demand, columns: Columns, wanted: Sequence[Wanted]) -> None:
        self._floor, self._demand, self._columns, self._wanted = floor, demand, columns, wanted
        self._usage: list[list[int]] = columns.usage.tolist()

    def decided(self) -> Iterator[_Outcome]:
        """Every copy's outcome, in order; all is reserved when this returns."""
        found: list[_Outcome] = []
        single: list[int] = []
        for place, one in enumerate(self._wanted):
            if one.item.copies == 1:
                single.append(place)
                continue
            found += self._several(single)
            single = []
            found += self._family(place)
        return iter(found + self._several(single))

    def _several(self, places: list[int]) -> list[_Outcome]:
        if not places:
            return []
        demand = self._demand
        if len(places) < len(self._wanted):
            demand = with_barred(rows_of(demand, places), [self._barred(place) for place in places])
        return self._outcomes(self._floor.take(demand), places)

    def _family(self, place: int) -> list[_Outcome]:
        """An item's copies, one after the other, each at another owner."""
        owners: list[Address] = []
        found: list[_Outcome] = []
        row, buyer = rows_of(self._demand, [place]), self._wanted[place].buyer
        for _ in range(self._wanted[place].item.copies):
            taken = self._floor.take(with_barred(row, [self._floor.barred(buyer, owners)]))
            found += self._outcomes(taken, [place])
            stand = found[-1].stand
            if stand is not None:
                owners.append(stand.node.owner)
        return found

    def _barred(self, place: int) -> tuple[int, ...]:
        return self._floor.barred(self._wanted[place].buyer)

    def _outcomes(self, decisions: Decisions, places: list[int]) -> list[_Outcome]:
        floor, fits, usage = self._floor, self._columns.fits, self._usage
        found = []
        for place, provider in zip(places, decisions.provider.tolist(), strict=True):
            if provider == NOBODY:
                why = Reason.NO_NODES if fits[place] else Reason.QUANTITY_OUT_OF_RANGE
                found.append(_Outcome(None, 0, why))
            else:
                stand = floor.stand(provider)
                found.append(_Outcome(stand, cap_of(stand, usage[place]), None))
        return found


def copies_of(request: TakeRequest) -> int:
    """How many copies a request wants."""
    return sum(item.copies for item in request.items)


def ending(at: int, seconds: int) -> int:
    """When a hold of `seconds` that is taken at `at` ends: whole seconds, in milliseconds."""
    return (-(-at // 1000) + seconds) * 1000


def cap_of(stand: Stand, usage: Sequence[int]) -> int:
    """`charging.lease_cap` of a usage vector at a stand's prices, in atoms."""
    lines = zip(stand.vector, usage, _SIZES, strict=True)
    total = sum(-(-price * used // size) for price, used, size in lines)
    return max(stand.ask.minimumCharge, -(-total // MICRO_ATOMS_PER_ATOM))


def free_digest(desk: Desk) -> bytes:
    """Free slots of every node, in the order of their numbers, as little-endian 64-bit numbers."""
    return np.array(list(desk.floor.free().values()), "<i8").tobytes()
