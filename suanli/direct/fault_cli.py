"""`suanli challenge fault`: shows an operator's fault by its own signatures, and takes its bond."""

from pathlib import Path
from typing import Annotated, Any

import typer

from suanli.direct.books import miscounted_leaf, neighbours, unsorted_leaves
from suanli.direct.coding import raw, values_of
from suanli.direct.console import Common, address_given, command
from suanli.direct.order_papers import ids_given, order_given, paper, promise_given
from suanli.direct.screen import money
from suanli.protocol.eip712 import Message
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import Ask, EpochAnchor, JobOrder, Lease
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.common import Signed

fault_app = typer.Typer(no_args_is_help=True, help="Prove an operator's fault by what it signed.")
_Operator = Annotated[
    str | None, typer.Option("--operator", help="Who is at fault; else the deployment's operator.")
]
_Promise = Annotated[
    str, typer.Option("--promise", help="A file with the signed promise, or your order's id in your record.")
]
_Order = Annotated[
    str | None, typer.Option("--order", help="A file with the order, or its id; else the promise's.")
]
_Anchor = Annotated[Path, typer.Option("--anchor", help="The anchor as the market answers it, or a bundle.")]
_Book = Annotated[Path, typer.Option("--book", help="The epoch's evidence: all orders of its book.")]
_Lease = Annotated[Path, typer.Option("--lease", help="The signed lease, or a bundle.")]


@command(fault_app, "equivocation")
def equivocation(
    common: Common,
    first: Annotated[Path, typer.Argument(help="An anchor that the operator signed.")],
    second: Annotated[
        Path | None, typer.Argument(help="Another of the same epoch; else the one on chain counts.")
    ] = None,
    operator: _Operator = None,
) -> None:
    """Two anchors for one epoch: both signed, or one signed and another anchored."""
    anchors = [paper(one, "anchor", Signed[EpochAnchor]) for one in (first, second) if one is not None]
    arguments = [part for one in anchors for part in _signed(one)]
    _prove(common, operator, "proveEquivocation" if second else "proveAnchorDiffers", *arguments)


@command(fault_app, "not-anchored")
def not_anchored(common: Common, promise: _Promise, order: _Order = None, operator: _Operator = None) -> None:
    """A promised order whose epoch was not anchored in time."""
    promised, ordered = _promised(common, promise, order)
    _prove(common, operator, "proveNotAnchored", *_signed(promised), values_of(ordered))


@command(fault_app, "left-out")
def left_out(
    common: Common,
    promise: _Promise,
    anchor: _Anchor,
    book: _Book,
    order: _Order = None,
    operator: _Operator = None,
) -> None:
    """A promised order that is not in the anchored book of its epoch."""
    promised, ordered = _promised(common, promise, order)
    anchored = paper(anchor, "anchor", EpochAnchor)
    leaves = neighbours(ids_given(book), anchored, promised.message.order)
    _prove(
        common,
        operator,
        "proveOrderLeftOut",
        *_signed(promised),
        values_of(ordered),
        values_of(anchored),
        leaves,
    )


@command(fault_app, "unsorted")
def unsorted(common: Common, anchor: _Anchor, book: _Book, operator: _Operator = None) -> None:
    """An anchored book whose orders do not ascend."""
    anchored = paper(anchor, "anchor", EpochAnchor)
    leaves = unsorted_leaves(ids_given(book), anchored)
    _prove(common, operator, "proveBookUnsorted", values_of(anchored), *leaves)


@command(fault_app, "miscounted")
def miscounted(common: Common, anchor: _Anchor, book: _Book, operator: _Operator = None) -> None:
    """An anchored book with another number of orders than its anchor says."""
    anchored = paper(anchor, "anchor", EpochAnchor)
    leaf = miscounted_leaf(ids_given(book), anchored)
    _prove(common, operator, "proveBookMiscounted", values_of(anchored), leaf)


@command(fault_app, "outside-order")
def outside_order(
    common: Common,
    lease: _Lease,
    order: Annotated[
        str | None, typer.Option("--order", help="A file with the order, or its id; else the bundle's.")
    ] = None,
    operator: _Operator = None,
) -> None:
    """A lease that the operator signed beyond a limit of its order."""
    leased = paper(lease, "lease", Signed[Lease])
    chain = common.chain()
    ordered = (
        paper(lease, "order", JobOrder)
        if order is None
        else order_given(order, common.home(), chain.deployment)
    )
    _prove(common, operator, "proveLeaseOutsideOrder", _signed(leased), values_of(ordered))


@command(fault_app, "outside-ask")
def outside_ask(
    common: Common,
    lease: _Lease,
    ask: Annotated[Path | None, typer.Option("--ask", help="A file with the ask; else the bundle's.")] = None,
    operator: _Operator = None,
) -> None:
    """A lease of another node, or cheaper, than the ask that it names."""
    leased = paper(lease, "lease", Signed[Lease])
    asked = paper(ask or lease, "ask", Ask)
    _prove(common, operator, "proveLeaseOutsideAsk", _signed(leased), values_of(asked))


def _signed(paper_: Signed[Any]) -> tuple[Any, bytes]:
    message: Message = paper_.message
    return values_of(message), raw(paper_.signature)


def _promised(common: Common, promise: str, order: str | None) -> tuple[Signed[Any], JobOrder]:
    home, deployment = common.home(), common.chain().deployment
    return promise_given(promise, home, deployment), order_given(order or promise, home, deployment)


def _prove(common: Common, operator: str | None, function: str, *arguments: Any) -> None:
    """Send a proof; what the bond's half for the reporter was is told by the event."""
    chain, key = common.acting()
    accused: Address = (
        chain.deployment.operator if operator is None else address_given("--operator", operator)
    )
    bond = int(chain.read("EpochAnchors", "operatorOf", accused)[0])
    if not bond:
        raise ClientError(Reason.STATE_CONFLICT, f"{accused} has no bond that could answer")
    hash_ = chain.send(key, "EpochAnchors", function, accused, *arguments)
    value = {"operator": accused, "proof": function, "bond": str(bond), "transaction": hash_}
    lost = money(bond, chain.deployment)
    common.show(value, [f"{function}: {accused} has lost its bond of {lost}; {hash_}"])
