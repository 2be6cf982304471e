"""Is an outcome allowed, and is everybody charged what the rules say? Linear in items and providers. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from suanli.audit.clearing.payments import due
from suanli.audit.clearing.round import Pairs, Places, Round, Truths, judge
from suanli.protocol.arrays import NOBODY, Integers, Outcome
from suanli.protocol.certificate import Mechanism
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason

SHOWN = 3
"""So many of the things at fault are named in a check's detail."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The matches of an outcome: ascending items, their providers, and what the rules make of each."""

    items: Places
    providers: Places
    pairs: Pairs


def check_feasibility(
    audited: Round, outcome: Outcome, mechanism: Mechanism = Mechanism.SUPPORT
) -> tuple[Check, ...]:
    """Eligibility, capacities, families, budgets, payments and welfare, each a check of its own.

    Of CRITICAL payments only the limits are looked at here (`critical.py` recomputes them).
    """
    shapes = _shapes(audited, outcome)
    if not shapes.passed:
        return (shapes,)
    matched = matched_of(audited, outcome)
    allowed = check_allocation(audited, matched)
    if not allowed[0].passed:
        return shapes, *allowed
    return (
        shapes,
        *allowed,
        *_payments(audited, matched, outcome, mechanism),
        _welfare(matched, outcome),
    )


def matched_of(audited: Round, outcome: Outcome) -> Matched:
    """The matches of an outcome whose shapes are right."""
    items = np.flatnonzero(outcome.provider != NOBODY)
    providers = outcome.provider[items].astype(np.intp)
    return Matched(items, providers, judge(audited, items, providers))


def check_allocation(audited: Round, matched: Matched) -> tuple[Check, ...]:
    """Whether matches alone are allowed: eligibility, and if that holds capacities, families, budgets."""
    ineligible = matched.items[~matched.pairs.eligible]
    eligible = invalid("eligible", not ineligible.size, f"{len(matched.items)} matches", ineligible, "item")
    return (eligible, *_between_matches(audited, matched)) if eligible.passed else (eligible,)


def invalid(name: str, passed: bool, detail: str, wrong: Integers | Places, kind: str) -> Check:
    """A check of the certificate which names the first things that are wrong."""
    if passed:
        return check(name, True, detail)
    listed = ", ".join(str(one) for one in wrong[:SHOWN].tolist())
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return check(name, False, f"{detail}; wrong at {kind} {listed}{more}", Reason.CERTIFICATE_INVALID)


def _shapes(audited: Round, outcome: Outcome) -> Check:
    items, table = len(audited.demand), audited.supply.capacity.shape
    columns, tables = (outcome.provider, outcome.payment), (outcome.duals, outcome.supports)
    fits = all(one.shape == (items,) for one in columns) and all(one.shape == table for one in tables)
    if fits:
        numbers = outcome.provider
        fits = not ((numbers < NOBODY) | (numbers >= table[0])).any()
        fits = fits and all(not one.size or int(one.min()) >= 0 for one in tables)
    detail = f"{items} items, {table[0]} providers with {table[1]} kinds of capacity, no price below 0"
    return check("shapes", fits, detail, Reason.CERTIFICATE_INVALID)


def _between_matches(audited: Round, matched: Matched) -> Iterator[Check]:
    supply, demand = audited.supply, audited.demand
    over = np.unique(matched.providers[_overloaded(audited, matched)])
    yield invalid("capacities", not over.size, f"{len(supply)} providers", over, "provider")
    owners = supply.owner[matched.providers].astype(np.int64) & 0xFFFFFFFF
    keys = demand.family[matched.items].astype(np.int64) << 32 | owners
    order = np.argsort(keys, kind="stable")
    twice = matched.items[order[1:][keys[order[1:]] == keys[order[:-1]]]]
    yield invalid("families", not twice.size, "no owner twice in a family", twice, "item")
    over = _overspent(audited, matched.items, matched.pairs.price)
    yield invalid("budgets", not over.size, f"{len(demand.budget)} groups", over, "group")


def _overloaded(audited: Round, matched: Matched) -> Truths:
    """By match, whether its provider has more load than capacity; column by column, which is quicker."""
    over = np.zeros(len(matched.items), np.bool_)
    for load, capacity in zip(audited.demand.load.T, audited.supply.capacity.T, strict=True):
        taken = np.zeros(len(capacity), np.int64)
        np.add.at(taken, matched.providers, load[matched.items])
        over |= taken[matched.providers] > capacity[matched.providers]
    return over


def _overspent(audited: Round, items: Places, sums: Integers) -> Places:
    """The groups whose items' sums come to more than their budget."""
    spent = np.zeros_like(audited.demand.budget)
    np.add.at(spent, audited.demand.group[items], sums)
    return np.flatnonzero(spent > audited.demand.budget)


def _payments(audited: Round, matched: Matched, outcome: Outcome, mechanism: Mechanism) -> Iterator[Check]:
    paid, price = outcome.payment[matched.items], matched.pairs.price
    idle = np.flatnonzero((outcome.provider == NOBODY) & (outcome.payment != 0))
    yield invalid("unmatched_pay_nothing", not idle.size, "who waits pays nothing", idle, "item")
    wrong = matched.items[(paid < price) | (paid - price > matched.pairs.surplus)]
    yield invalid("limits", not wrong.size, "no payment below the ask or above the value", wrong, "item")
    over = _overspent(audited, matched.items, paid if not wrong.size else price)
    yield invalid("paid_within_budgets", not over.size, f"{len(audited.demand.budget)} groups", over, "group")
    if mechanism is Mechanism.SUPPORT:
        yield _supports(audited, matched, outcome)
        owed = due(audited, matched.items, matched.providers, matched.pairs, outcome.supports)
        wrong = matched.items[paid != owed]
        yield invalid("payments", not wrong.size, "ask plus support price", wrong, "item")


def _supports(audited: Round, matched: Matched, outcome: Outcome) -> Check:
    """Payments follow prices that the bound's duals back, and none for what nobody takes."""
    there = np.flatnonzero(outcome.supports)
    taken = np.zeros(outcome.supports.shape, np.bool_)
    for load, used in zip(audited.demand.load.T, taken.T, strict=True):
        used[matched.providers[load[matched.items] > 0]] = True
    backed = (outcome.supports.flat[there] <= outcome.duals.flat[there]) & taken.flat[there]
    where = np.unique(there[~backed] // max(1, audited.supply.capacity.shape[1]))
    return invalid("supports", not where.size, "at most the duals, 0 for what is free", where, "provider")


def _welfare(matched: Matched, outcome: Outcome) -> Check:
    surplus = int(matched.pairs.surplus.sum())
    detail = f"the surpluses come to {surplus}, the outcome says {outcome.welfare}"
    return check("welfare", surplus == outcome.welfare, detail, Reason.CERTIFICATE_INVALID)
