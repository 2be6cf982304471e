"""What each event of the contracts changes: rows to read again, settlements to write down. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from market.chain.contracts import ChainEvent
from market.db.tables.chain import Touched
from suanli.protocol.messages import Netting, Statement
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """One chain-decided row: an account, a node, a delegation (account, delegate), a pair (buyer, node)."""

    kind: Touched
    first: Address
    second: Address | str = ""


def account(address: Address) -> Touch:
    """An account of the Ledger."""
    return Touch(Touched.ACCOUNT, address)


def touches(event: ChainEvent) -> set[Touch]:
    """The rows that an event names itself. Settlements change more: see the parties in their calldata."""
    found = _TOUCHES.get(event.name)
    return set() if found is None else found(event.arguments)


def netting_id(event: ChainEvent) -> Hash:
    """The Netting's struct hash, for an event BatchSettled."""
    return Netting(epoch=event.arguments["epoch"], batch="0x" + event.arguments["batch"].hex()).id()


def statement(event: ChainEvent) -> Statement:
    """The statement that an event StatementSettled names in full."""
    return Statement(
        buyer=event.arguments["buyer"],
        node=event.arguments["node"],
        amount=event.arguments["amount"],
        receipts=event.arguments["receipts"],
        receiptsRoot="0x" + event.arguments["receiptsRoot"].hex(),
    )


def _of_account(arguments: Mapping[str, Any]) -> set[Touch]:
    return {account(arguments["account"])}


def _of_node(arguments: Mapping[str, Any]) -> set[Touch]:
    return {Touch(Touched.NODE, arguments["node"])}


def _of_delegation(arguments: Mapping[str, Any]) -> set[Touch]:
    return {Touch(Touched.DELEGATION, arguments["account"], arguments["delegate"])}


def _of_statement(arguments: Mapping[str, Any]) -> set[Touch]:
    buyer, node = arguments["buyer"], arguments["node"]
    return {account(buyer), Touch(Touched.PAIR, buyer, node)}


_TOUCHES: Mapping[str, Callable[[Mapping[str, Any]], set[Touch]]] = {
    "Deposited": _of_account,
    "ThawStarted": _of_account,
    "Withdrawn": _of_account,
    "StakeLocked": _of_account,
    "StakeReleased": _of_account,
    "EpochAdvanced": _of_account,
    "NodeConnected": _of_node,
    "NodeDrained": _of_node,
    "NodeResumed": _of_node,
    "NodeDisconnected": _of_node,
    "NodeReleased": _of_node,
    "Delegated": _of_delegation,
    "DelegationRevoked": _of_delegation,
    "StatementSettled": _of_statement,
}
