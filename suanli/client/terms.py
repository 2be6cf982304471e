"""The money of a job: what is asked of the market for a quote, and what the buyer then signs.

Pure: plan, quote, clock and nonce come in as values; amounts leave in atoms, prices in micro-atoms.
"""

from dataclasses import dataclass

from suanli.client.planner import Plan
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import JobOrder, Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM, format_money, parse_money
from suanli.protocol.values import Address
from suanli.protocol.wire.jobs import Quote, QuoteRequest

_HIGHEST_PRICE = (1 << 64) - 1
_MICRO_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Terms:
    """What the buyer binds itself to: at most `budget` atoms in all, at most these unit prices."""

    budget: int
    maximum_prices: Prices


def budget_atoms(plan: Plan, decimals: int) -> int | None:
    """The job file's budget in atoms, None when it gives none. Raises ClientError(DOCUMENT_MALFORMED)."""
    return None if plan.job.budget is None else _atoms(plan.job.budget, decimals, "budget")


def quote_request(plan: Plan, buyer: Address | None, decimals: int, now: int) -> QuoteRequest:
    """The question to the market; a job without budget is asked about without any price limit."""
    budget = budget_atoms(plan, decimals)
    return QuoteRequest(
        buyer=buyer,
        tasks=len(plan.spec.tasks),
        policy=plan.policy,
        replicas=plan.replicas,
        limits=plan.limits(),
        maximum_prices=_with_own_prices(plan, _prices_of_budget(plan, budget), decimals),
        budget=budget,
        deadline=now + plan.job.deadline,
        requirements=plan.spec.tasks[0].requirements,
    )


def terms_of(plan: Plan, quote: Quote, decimals: int) -> Terms:
    """Budget and price limits of the order: those that the quote was asked with, so that its nodes still fit.

    A job without budget may cost the quote's cap. Raises ClientError(NO_NODES) when there is none.
    """
    budget = budget_atoms(plan, decimals)
    if budget is None:
        if not quote.eligible:
            detail = "no node is eligible, so nothing tells what the job may cost: give it a budget"
            raise ClientError(Reason.NO_NODES, detail)
        budget = quote.cap
    return Terms(budget, _with_own_prices(plan, _prices_of_budget(plan, budget), decimals))


def make_order(plan: Plan, terms: Terms, buyer: Address, operator: Address, now: int, nonce: int) -> JobOrder:
    """The order to sign, for `operator` to lease; its deadline counts from `now` (Unix seconds)."""
    return JobOrder(
        buyer=buyer,
        operator=operator,
        specRoot=spec_root(plan.spec),
        tasks=len(plan.spec.tasks),
        policy=plan.policy,
        replicas=plan.replicas,
        budget=terms.budget,
        maximumPrices=terms.maximum_prices,
        limits=plan.limits(),
        deadline=now + plan.job.deadline,
        nonce=nonce,
    )


def price_text(micro_atoms: int, decimals: int) -> str:
    """A unit price in tokens, for people."""
    return format_money(micro_atoms, decimals + _MICRO_DECIMALS)


def micro_atoms(text: str, decimals: int, key: str) -> int:
    """Micro-atoms in the tokens under `key` of a job file. Raises ClientError(DOCUMENT_MALFORMED)."""
    return _atoms(text, decimals + _MICRO_DECIMALS, key)


def _prices_of_budget(plan: Plan, budget: int | None) -> Prices:
    """The loosest useful limits: there one line of one copy at its limits costs the whole budget."""
    limits = plan.limits()
    quantities = usage_at_limits(limits, limits.inputBytes).vector()
    bounds = [
        min(_HIGHEST_PRICE, budget * MICRO_ATOMS_PER_ATOM * dimension.size // quantity)
        if budget is not None and quantity
        else _HIGHEST_PRICE
        for dimension, quantity in zip(DIMENSIONS, quantities, strict=True)
    ]
    return Prices.of(bounds)


def _with_own_prices(plan: Plan, derived: Prices, decimals: int) -> Prices:
    own = plan.job.prices.model_dump(exclude_none=True)
    chosen = {name: micro_atoms(text, decimals, f"prices.{name}") for name, text in own.items()}
    return Prices.model_validate(derived.model_dump() | chosen)


def _atoms(text: str, decimals: int, key: str) -> int:
    try:
        return parse_money(text, decimals)
    except ValueError as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{key}: {error}") from error
