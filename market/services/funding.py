"""Order: whether an order's budget can buy anything, and whether its buyer has the money."""

from sqlmodel import Session

from market.core.rules import why_not
from market.db.queries import book, commitments, reservations
from market.db.tables.chain import AccountRow
from market.runtime import Runtime
from market.services.moment import moment_at
from market.services.signers import active_delegation
from suanli.protocol.book import Moment, wanted_by
from suanli.protocol.charging import lease_cap
from suanli.protocol.documents import JobSpec
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def locked_account(session: Session, buyer: Address) -> AccountRow:
    """The buyer's account as last indexed, locked so that two orders cannot count on the same money."""
    row = session.get(AccountRow, buyer, with_for_update=True)
    if row is None:
        detail = f"{buyer} has deposited nothing"
        raise MarketError(Reason.BALANCE_TOO_SMALL, detail, available="0")
    return row


def check_budget(session: Session, runtime: Runtime, order: JobOrder, spec: JobSpec, now: int) -> None:
    """Raises MarketError(BUDGET_TOO_SMALL) when not even the largest task's copies fit, on the cheapest node.

    While no known node may run the job there is nothing to compare with.
    """
    ingress = max(task.input_bytes() for task in spec.tasks)
    needed = _cheapest_cap(session, order, ingress, moment_at(runtime.settings, now)) * order.replicas
    if order.budget < needed:
        detail = (
            f"{order.replicas} copies of the largest task may cost {needed} atoms, "
            f"the budget is {order.budget}"
        )
        raise MarketError(Reason.BUDGET_TOO_SMALL, detail, needed=str(needed))


def _cheapest_cap(session: Session, order: JobOrder, ingress: int, moment: Moment) -> int:
    wanted = wanted_by(order)
    caps = (
        lease_cap(node.ask.prices, node.ask.minimumCharge, order.limits, ingress)
        for node in book.fleet(session)
        if node.ask is not None and why_not(wanted, node, moment) is None
    )
    return min(caps, default=0)


def check_money(session: Session, order: JobOrder, account: AccountRow, signer: Address, now: int) -> None:
    """Raises MarketError when the account, or the delegate that signed, cannot spend the budget any more."""
    committed = commitments.committed(session, order.buyer)
    reserved = reservations.held(session, [order.id()]).get(order.id(), 0)
    available = max(0, account.balance - account.thawing - committed) + reserved
    if available < order.budget:
        detail = f"the budget is {order.budget} atoms, {available} are neither thawing nor committed"
        raise MarketError(Reason.BALANCE_TOO_SMALL, detail, available=str(available))
    if signer != order.buyer:
        _check_delegation(session, order, signer, now)


def _check_delegation(session: Session, order: JobOrder, signer: Address, now: int) -> None:
    delegation = active_delegation(session, order.buyer, signer, now)
    remaining = 0 if delegation is None else delegation.remaining
    left = max(0, remaining - commitments.committed_by_signer(session, order.buyer, signer))
    if left < order.budget:
        detail = f"the budget is {order.budget} atoms, the delegate may still spend {left}"
        raise MarketError(Reason.DELEGATION_EXCEEDED, detail, remaining=str(left))
