"""Settlements as the auditor reads them, made without a chain."""

from collections.abc import Sequence
from typing import Any

from suanli.audit.books.records import Account, Node
from suanli.audit.books.state import Books, Modules
from suanli.audit.calldata import BatchCall, StatementCall
from suanli.audit.chain import Event
from suanli.audit.settled import SettledBatch, SettledRoot, SettledStatement, Signer
from suanli.audit.settling import FeeRule
from suanli.protocol import root_netting
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask, batch_hash, net, pack, read_packed
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address

ALICE, BOB, CAROL, NODE, OWNER, FEES = (f"0x{digit * 40}" for digit in "123456")
REGISTRY, BIDDING, ANCHORS, COURT = (f"0x{digit * 40}" for digit in "7890")
RECEIPT, OTHER = "0x" + "ab" * 32, "0x" + "cd" * 32
ZERO = "0x" + "00" * 32
FEE = FeeRule(basis_points=200, recipient=FEES)
NOW = 1_000
CHAIN_ID = 31337


def empty_books() -> Books:
    """Books of a deployment in which nothing happened."""
    return Books(Modules(REGISTRY, BIDDING, ANCHORS, COURT, CHAIN_ID))


def books(balance: int = 10_000, epoch: int = 0) -> Books:
    """Alice and Bob have money; one node is connected."""
    made = empty_books()
    for buyer in (ALICE, BOB):
        made.accounts[buyer] = Account(balance=balance, epoch=epoch)
    add_node(made, NODE)
    return made


def add_node(made: Books, node: Address, owner: Address = OWNER) -> None:
    """Connects a node."""
    made.nodes[node] = Node(owner, NodeState.CONNECTED, 0, ZERO, ZERO, ZERO)


def task(
    buyer: Address = ALICE, amount: int = 99, receipt: str = RECEIPT, node: Address = NODE, serial: int = 0
) -> NettingTask:
    """A payment."""
    return NettingTask(buyer, node, amount, receipt, serial)


def batch(epoch: int, *tasks: NettingTask, payee: Address = OWNER) -> Batch:
    """A batch that pays one account for all its nodes."""
    return Batch(epoch, tasks, {one.node: payee for one in tasks})


def settled_batch(made: Batch, signers: Sequence[Address | None] | None = None, **said: int) -> SettledBatch:
    """A batch as it landed; every party signed by its own key unless `signers` says otherwise."""
    packed = pack(made)
    moved = net(made, FEE.basis_points)
    arguments = {
        "epoch": made.epoch,
        "batch": batch_hash(packed),
        "volume": moved.volume(),
        "fee": moved.fee,
    } | said
    read = read_packed(packed)
    return SettledBatch(event("BatchSettled", arguments), BatchCall(read, b""), _keys(read, signers))


def settled_root(made: Batch, **said: int) -> SettledRoot:
    """The same batch by root."""
    form = root_netting.root_form(made)
    moved = root_netting.net(form, FEE.basis_points)
    arguments = {
        "epoch": made.epoch,
        "batch": ZERO,
        "volume": moved.volume(),
        "fee": moved.fee,
        "root": form.root,
    }
    arguments |= {"tasks": form.tasks} | said
    return SettledRoot(event("RootSettled", arguments), BatchCall(form, b""), _keys(form, None))


def settled_statement(
    amount: int = 100,
    serials: tuple[int, ...] = (0,),
    signer: Signer = Signer(ALICE),  # noqa: B008  (a frozen value)
    order: str | None = None,
    guardian: Signer | None = None,
    **changes: Any,
) -> SettledStatement:
    """A statement between Alice and the node as it landed."""
    honest = Statement(
        buyer=ALICE,
        node=NODE,
        payee=OWNER,
        amount=amount,
        receipts=len(serials),
        receiptsRoot=RECEIPT,
        marks=marks_hash(marks_of(serials)),
    )
    call = StatementCall(honest.model_copy(update=changes), serials, "0x", "0x", order)
    return SettledStatement(event("StatementSettled", {}), call, signer, NODE, guardian)


def event(
    name: str, arguments: dict[str, Any], contract: str = "Settlement", at: int = NOW, block: int = 1
) -> Event:
    """An event of the deployment."""
    return Event(contract, name, arguments, block, position=0, transaction="0x" + "77" * 32, at=at)


def _keys(packed: Any, signers: Sequence[Address | None] | None) -> tuple[Signer, ...]:
    return tuple(Signer(key) for key in (packed.parties() if signers is None else signers))
