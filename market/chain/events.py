"""What each event of the contracts changes: rows to read again, settlements to write down. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from market.chain.contracts import ChainEvent
from market.db.tables.chain import Touched
from suanli.protocol.messages import Netting, RootNetting, Statement
from suanli.protocol.reservations import reservation_account
from suanli.protocol.serials import NO_MARKS_HASH, word_of
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """One chain-decided row by its address or hash; a delegation has two, a word its node and number."""

    kind: Touched
    first: Address
    second: Address | str = ""


def account(address: Address) -> Touch:
    """An account of the Ledger."""
    return Touch(Touched.ACCOUNT, address)


def words(node: Address, serials: Iterable[int]) -> set[Touch]:
    """The words of a node that hold these serials."""
    return {Touch(Touched.PAID_WORD, node, str(word_of(serial))) for serial in serials}


def touches(event: ChainEvent) -> set[Touch]:
    """The rows that an event names itself. Settlements change more: see the parties in their calldata."""
    found = _TOUCHES.get(event.name)
    return set() if found is None else found(event.arguments)


def netting_id(event: ChainEvent) -> Hash:
    """The struct hash of what was signed, for an event BatchSettled or RootSettled."""
    signed = RootNetting if event.name == "RootSettled" else Netting
    return signed(epoch=event.arguments["epoch"], batch="0x" + event.arguments["batch"].hex()).id()


def statement(event: ChainEvent) -> Statement:
    """The statement of an event StatementSettled, which names all of it but the marks."""
    return Statement(
        buyer=event.arguments["buyer"],
        node=event.arguments["node"],
        payee=event.arguments["payee"],
        amount=event.arguments["amount"],
        receipts=event.arguments["receipts"],
        receiptsRoot="0x" + event.arguments["receiptsRoot"].hex(),
        marks=NO_MARKS_HASH,
    )


def _of_account(arguments: Mapping[str, Any]) -> set[Touch]:
    return {account(arguments["account"])}


def _of_node(arguments: Mapping[str, Any]) -> set[Touch]:
    return {Touch(Touched.NODE, arguments["node"])}


def _of_delegation(arguments: Mapping[str, Any]) -> set[Touch]:
    return {Touch(Touched.DELEGATION, arguments["account"], arguments["delegate"])}


def _of_statement(arguments: Mapping[str, Any]) -> set[Touch]:
    return {account(arguments["buyer"]), account(arguments["payee"])}


def _of_transfer(arguments: Mapping[str, Any]) -> set[Touch]:
    return {account(arguments["from"]), account(arguments["to"])}


def _of_claim(arguments: Mapping[str, Any]) -> set[Touch]:
    claim = arguments["claim"]
    serials = [] if claim["awarded"] else [claim["serial"]]  # an award's are task indexes of its own
    return {_claim(claim["id"]), account(claim["payer"]), *words(claim["node"], serials)}


def _of_record(arguments: Mapping[str, Any]) -> set[Touch]:
    return {_claim(arguments["id"])}


def _of_reservation(arguments: Mapping[str, Any]) -> set[Touch]:
    order = "0x" + bytes(arguments["order"]).hex()
    return {Touch(Touched.RESERVATION, order), account(reservation_account(order))}


def _claim(id_: bytes) -> Touch:
    return Touch(Touched.CLAIM, "0x" + bytes(id_).hex())


_TOUCHES: Mapping[str, Callable[[Mapping[str, Any]], set[Touch]]] = {
    "Deposited": _of_account,
    "ThawStarted": _of_account,
    "Withdrawn": _of_account,
    "Moved": _of_transfer,
    "EpochAdvanced": _of_account,
    "NodeConnected": _of_node,
    "NodeDrained": _of_node,
    "NodeResumed": _of_node,
    "NodeDisconnected": _of_node,
    "NodeReleased": _of_node,
    "NodeSlashed": _of_node,
    "StakeAdded": _of_node,
    "Delegated": _of_delegation,
    "DelegationRevoked": _of_delegation,
    "StatementSettled": _of_statement,
    "Reserved": _of_reservation,
    "ReservationDrawn": _of_reservation,
    "ClaimOpened": _of_claim,
    "ClaimClosed": _of_record,
    "ClaimChallenged": _of_record,
    "DisputeResolved": _of_record,
}

NO_ROWS = frozenset(
    {
        "AuthorityUpdated",
        "ModuleScheduled",
        "Paused",
        "Unpaused",
        "StakeLocked",
        "StakeUnlocked",
    }
)
"""Events of Ledger and GridRegistry that change no row of the market: their money is told by `Moved`."""
