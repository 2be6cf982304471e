"""Are an epoch's leases exactly what its clearing decided, at the prices that they are raised to? Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from suanli.audit.clearing.encode import EncodedBook
from suanli.audit.clearing.entrants import ask_of, asked_now
from suanli.audit.clearing.feasibility import SHOWN
from suanli.audit.clearing.holds import HeldCopy
from suanli.audit.clearing.premiums import raised_to
from suanli.protocol.anchoring import AnchoredClearing, EpochLeases
from suanli.protocol.arrays import NOBODY, Outcome
from suanli.protocol.certificate import Mechanism
from suanli.protocol.charging import lease_cap, usage_at_limits
from suanli.protocol.checks import Check, check
from suanli.protocol.messages import Lease, Prices
from suanli.protocol.raising import raised_prices
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Decided:
    """What a clearing decides of a lease; specification, serial and deadline are not its business."""

    order: Hash
    task: int
    attempt: int
    node: Address
    ask: Hash
    prices: Prices
    minimum_charge: int
    cap: int

    def __str__(self) -> str:
        return f"order {self.order} task {self.task} attempt {self.attempt} at {self.node}"


def check_leases(
    evidence: AnchoredClearing,
    listed: EpochLeases,
    encoded: EncodedBook,
    outcome: Outcome,
    mechanism: Mechanism,
) -> tuple[Check, ...]:
    """The list of leases is the anchored one, and each lease is one match of the outcome or held copy."""
    anchored = dict(zip(evidence.leases, evidence.prices, strict=True))
    shown = {lease.id(): lease.prices for lease in listed.leases}
    wrong = sorted({lease.epoch for lease in listed.leases} - {evidence.epoch})
    leased = Counter(_terms(lease) for lease in listed.leases)
    due = Counter([*_matched(encoded, outcome, mechanism), *map(_held, encoded.held)])
    return (
        check("leases_listed", shown == anchored, f"{len(shown)} leases listed, {len(anchored)} anchored"),
        check("leases_of_epoch", not wrong, f"leases of epochs {wrong}" if wrong else "of this epoch"),
        _nothing("leases_match", leased - due, f"{leased.total()} leases, each one decided"),
        _nothing("matches_leased", due - leased, f"{due.total()} matches, each one leased"),
    )


def _matched(encoded: EncodedBook, outcome: Outcome, mechanism: Mechanism) -> Iterator[Decided]:
    targets = raised_to(encoded.round, outcome, mechanism)
    for item in np.flatnonzero(outcome.provider != NOBODY).tolist():
        copy, node = encoded.copies[item], encoded.nodes[int(outcome.provider[item])]
        ask, limits, ingress = ask_of(node), copy.order.limits, copy.task.ingress
        prices = raised_prices(
            asked_now(node),
            ask.minimumCharge,
            copy.order.maximum_prices,
            usage_at_limits(limits, ingress),
            int(targets[item]) // MICRO_ATOMS_PER_ATOM,
        )
        yield Decided(
            order=copy.order.order,
            task=copy.task.index,
            attempt=copy.attempt,
            node=node.node,
            ask=ask.id(),
            prices=prices,
            minimum_charge=ask.minimumCharge,
            cap=lease_cap(prices, ask.minimumCharge, limits, ingress),
        )


def _held(copy: HeldCopy) -> Decided:
    held = copy.held
    return Decided(
        order=copy.order.order,
        task=copy.task.index,
        attempt=copy.attempt,
        node=held.node,
        ask=held.ask,
        prices=held.prices,
        minimum_charge=held.minimum_charge,
        cap=held.cap,
    )


def _terms(lease: Lease) -> Decided:
    return Decided(
        order=lease.order,
        task=lease.task,
        attempt=lease.attempt,
        node=lease.node,
        ask=lease.ask,
        prices=lease.prices,
        minimum_charge=lease.minimumCharge,
        cap=lease.cap,
    )


def _nothing(name: str, wrong: Counter[Decided], detail: str) -> Check:
    if not wrong:
        return check(name, True, detail)
    named = "; ".join(str(one) for one in list(wrong)[:SHOWN])
    return check(name, False, f"{wrong.total()} are otherwise: {named}")
