"""`suanli reserve`: money set aside for one order, which no key can take away; and its way back."""

from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount

from suanli.direct.chain import Chain
from suanli.direct.coding import raw, values_of
from suanli.direct.console import Common, command
from suanli.direct.order_papers import order_given
from suanli.direct.quantities import atoms, hash_given
from suanli.direct.screen import moment, money, table
from suanli.direct.survey import balance_of, reservations_of
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import JobOrder, ReservationRelease
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash

reserve_app = typer.Typer(no_args_is_help=True, help="Set money aside for one order.")
Order = Annotated[str, typer.Argument(metavar="ORDER", help="The order's or auction's id.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="Tokens.")]
_NOBODY = "0x" + "0" * 40


@command(reserve_app, "open")
def open_(
    common: Common,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="A file with it, or its id in your record.")],
    amount: Annotated[
        str | None, typer.Argument(metavar="AMOUNT", help="Tokens; the order's budget, or more.")
    ] = None,
) -> None:
    """Set tokens of one's balance aside for one's order, once: its budget. Repeats are harmless."""
    chain, key = common.acting()
    found = order_given(order, common.home(), chain.deployment)
    if found.buyer != key.address:
        raise ClientError(Reason.NOT_AUTHORISED, f"the order is of {found.buyer}, not of {key.address}")
    hash_ = None
    if not _is_reserved(chain, found.id()):
        arguments = values_of(found), _amount(chain, found, amount), b""
        hash_ = chain.send(key, "Bidding", "reserve", *arguments)
    _show(common, chain, found.id(), hash_)


@command(reserve_app, "add")
def add(common: Common, order: Order, amount: Amount) -> None:
    """Add tokens of one's balance to a reservation, one's own or another's."""
    chain, key = common.acting()
    id_ = _reserved(chain, order)
    more = atoms("AMOUNT", amount, chain.deployment)
    _show(common, chain, id_, chain.send(key, "Bidding", "addReservation", raw(id_), more))


@command(reserve_app, "release")
def release(
    common: Common,
    order: Order,
    leave: Annotated[
        str | None, typer.Option("--leave", help="As its guardian: return all but so many tokens at once.")
    ] = None,
) -> None:
    """Return what is left to its buyer: anyone when the time for claims is over, its guardian before."""
    chain, key = common.acting()
    id_ = _reserved(chain, order)
    remaining = 0 if leave is None else atoms("--leave", leave, chain.deployment)
    hash_ = None
    if _left(chain, id_) > remaining:
        hash_ = (
            chain.send(key, "Bidding", "release", raw(id_))
            if leave is None
            else _release_early(chain, key, id_, remaining)
        )
    _show(common, chain, id_, hash_)


@command(reserve_app, "show")
def show(
    common: Common,
    order: Annotated[str | None, typer.Argument(help="One order's; else all of yours.")] = None,
) -> None:
    """What is reserved, who guards it, and from when on it returns."""
    chain = common.chain()
    if order is not None:
        _show(common, chain, _reserved(chain, order), None)
        return
    now, account = chain.now(), common.whom()
    found = reservations_of(chain, account, common.home(), now)
    rows = [(one.order, money(one.amount, chain.deployment), moment(one.release_at, now)) for one in found]
    value = [{"order": one.order, "amount": str(one.amount), "release_at": one.release_at} for one in found]
    common.show(value, [table(f"reserved by {account}", ("order", ">left", "returns"), rows)])


def _release_early(chain: Chain, key: LocalAccount, order: Hash, remaining: int) -> Hash:
    guardian = str(chain.read("Bidding", "reservationOf", raw(order))[1])
    if guardian != key.address:
        raise ClientError(Reason.NOT_AUTHORISED, f"the guardian of {order} is {guardian}")
    released = ReservationRelease(order=order, remaining=remaining)
    signature = raw(sign(key, chain.domain, released))
    return chain.send(key, "Bidding", "releaseEarly", values_of(released), signature)


def _amount(chain: Chain, order: JobOrder, amount: str | None) -> int:
    """What to reserve in atoms; claims are paid from there alone, so the contract takes no less."""
    given = order.budget if amount is None else atoms("AMOUNT", amount, chain.deployment)
    if given < order.budget:
        detail = f"the order may cost {order.budget} atoms, {given} would not pay it"
        raise ClientError(Reason.BUDGET_TOO_SMALL, detail)
    return given


def _is_reserved(chain: Chain, order: Hash) -> bool:
    return bool(chain.read("Bidding", "reservationOf", raw(order))[0] != _NOBODY)


def _reserved(chain: Chain, order: str) -> Hash:
    id_ = hash_given("ORDER", order)
    if not _is_reserved(chain, id_):
        raise ClientError(Reason.NOT_FOUND, f"nothing was ever reserved for {id_}")
    return id_


def _left(chain: Chain, order: Hash) -> int:
    return balance_of(chain, chain.read("Bidding", "reservationAccount", raw(order)))


def _show(common: Common, chain: Chain, order: Hash, transaction: Hash | None) -> None:
    buyer, guardian, release_at, awarded = chain.read("Bidding", "reservationOf", raw(order))
    left = _left(chain, order)
    value: dict[str, Any] = {
        "order": order,
        "buyer": buyer,
        "guardian": guardian,
        "amount": str(left),
        "release_at": release_at,
        "awarded": awarded,
        "transaction": transaction,
    }
    rows = (
        ("left", money(left, chain.deployment)),
        ("buyer", buyer),
        ("guardian", guardian),
        ("returns", moment(release_at, chain.now())),
    )
    common.show(value, [table(f"reservation of {order}", ("what", "value"), rows)])
