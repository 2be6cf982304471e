"""Reads chain-decided rows from the contracts' views and writes them to the database."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete

from market.chain.client import Chain
from market.chain.contracts import Call, Contracts
from market.chain.events import Touch
from market.db.tables.chain import (
    AccountRow,
    ClaimRecordRow,
    DelegationRow,
    PaidWordRow,
    ReservationRow,
    Touched,
)
from market.db.tables.connect import NodeRow
from suanli.protocol.abi import ContractName
from suanli.protocol.reservations import reservation_account
from suanli.protocol.states import NodeState


@dataclass(frozen=True, slots=True)
class View:
    """One view of a contract that knows about a touched row."""

    contract: ContractName
    function: str


_VIEWS: dict[Touched, tuple[View, ...]] = {
    Touched.ACCOUNT: (View("Ledger", "accountOf"), View("Ledger", "thawingOf")),
    Touched.NODE: (View("GridRegistry", "nodeOf"),),
    Touched.DELEGATION: (View("GridRegistry", "delegationOf"),),
    Touched.PAID_WORD: (View("Settlement", "paidWord"),),
    Touched.CLAIM: (View("ClaimCourt", "recordOf"),),
    Touched.RESERVATION: (View("Bidding", "reservationOf"),),
}

_FALLEN = 1
"""The court's record of a claim that a panel let fall; zero is none."""

Reading = dict[Touch, tuple[Any, ...]]


def read(chain: Chain, contracts: Contracts, touches: Collection[Touch], block: int) -> Reading:
    """What the contracts say about some rows at one block."""
    asked = [(touch, view) for touch in sorted(touches) for view in _VIEWS[touch.kind]]
    answers = chain.calls([_call(contracts, touch, view) for touch, view in asked], block)
    reading: Reading = {}
    for (touch, view), answer in zip(asked, answers, strict=True):
        values = contracts.result(view.contract, view.function, answer)
        reading[touch] = reading.get(touch, ()) + values
    return reading


def write(session: Session, reading: Reading) -> None:
    """Writes what was read."""
    for touch, values in reading.items():
        _WRITERS[touch.kind](session, touch, values)


def reset_nodes(session: Session, nodes: Sequence[NodeRow]) -> None:
    """Nodes as if the chain had never heard of them; their rows stay, for others refer to them."""
    for node in nodes:
        node.state, node.stake = NodeState.NONE, 0


def _call(contracts: Contracts, touch: Touch, view: View) -> Call:
    if touch.kind is Touched.PAID_WORD:
        return contracts.call(view.contract, view.function, touch.first, int(touch.second))
    if touch.kind in (Touched.CLAIM, Touched.RESERVATION):
        return contracts.call(view.contract, view.function, bytes.fromhex(touch.first[2:]))
    arguments = [touch.first, touch.second] if touch.second else [touch.first]
    return contracts.call(view.contract, view.function, *arguments)


def _write_account(session: Session, touch: Touch, values: tuple[Any, ...]) -> None:
    balance, epoch, thawing, ready_at = values
    session.merge(
        AccountRow(
            address=touch.first,
            balance=balance,
            epoch=epoch,
            thawing=thawing,
            thaw_ready_at=ready_at,
        )
    )


def _write_node(session: Session, touch: Touch, values: tuple[Any, ...]) -> None:
    owner, state, stake, _ = values
    row = session.get(NodeRow, touch.first, with_for_update=True)
    if NodeState(state) is NodeState.NONE:
        reset_nodes(session, [row] if row else [])
        return
    row = row or NodeRow(node=touch.first, owner=owner)
    row.owner, row.state, row.stake = Contracts.address(owner), NodeState(state), stake
    session.add(row)


def _write_delegation(session: Session, touch: Touch, values: tuple[Any, ...]) -> None:
    remaining, expiry, nonce = values
    session.merge(
        DelegationRow(
            account=touch.first, delegate=touch.second, remaining=remaining, expiry=expiry, nonce=nonce
        )
    )


def _write_paid_word(session: Session, touch: Touch, values: tuple[Any, ...]) -> None:
    bits = values[0].to_bytes(32, "little")
    session.merge(PaidWordRow(node=touch.first, word=int(touch.second), bits=bits))


def _write_claim(session: Session, touch: Touch, values: tuple[Any, ...]) -> None:
    record = int.from_bytes(values[0], "big")
    session.merge(ClaimRecordRow(id=touch.first, is_open=record > _FALLEN))


def _write_reservation(session: Session, touch: Touch, values: tuple[Any, ...]) -> None:
    buyer, guardian, _, awarded = values
    if int(buyer, 16) == 0 or awarded:
        session.exec(delete(ReservationRow).where(col(ReservationRow.order) == touch.first))
        return
    accounts = {"buyer": Contracts.address(buyer), "guardian": Contracts.address(guardian)}
    session.merge(ReservationRow(order=touch.first, account=reservation_account(touch.first), **accounts))


_WRITERS: dict[Touched, Callable[[Session, Touch, tuple[Any, ...]], None]] = {
    Touched.ACCOUNT: _write_account,
    Touched.NODE: _write_node,
    Touched.DELEGATION: _write_delegation,
    Touched.PAID_WORD: _write_paid_word,
    Touched.CLAIM: _write_claim,
    Touched.RESERVATION: _write_reservation,
}
