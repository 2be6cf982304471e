"""Statements between a buyer and a node alone: made from the receipts that both hold, and checked by each.

Both make the statement from their own papers, so neither signs a sum that somebody else worked out.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from suanli.direct.chain import Chain
from suanli.direct.claiming import settled
from suanli.direct.papers import Papers
from suanli.protocol.charging import receipt_charge
from suanli.protocol.eip712 import Domain, Message
from suanli.protocol.errors import ClientError, ProtocolError
from suanli.protocol.merkle import receipts_root, verify_spec
from suanli.protocol.messages import Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address, Hash


class StatementPaper(BaseModel):
    """A statement on its way from one side to the other, with the leases that it pays."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    statement: Statement
    marks: str
    leases: list[Hash]
    buyer_signature: str | None = None
    node_signature: str | None = None


def make_statement(chain: Chain, papers: Sequence[Papers]) -> StatementPaper:
    """The statement over receipts of one buyer and node that nobody paid. Raises ClientError."""
    due = [one for one in papers if settled(chain, one) is None]
    due.sort(key=lambda one: one.lease.message.serial)
    if not due:
        raise ClientError(Reason.EVIDENCE_MISSING, "no receipt in these papers is unpaid")
    pairs = {(one.order.message.buyer, one.lease.message.node) for one in due}
    if len(pairs) > 1:
        detail = f"the papers are of {len(pairs)} pairs of buyer and node: choose one by --buyer and --node"
        raise ClientError(Reason.SETTINGS_INVALID, detail)
    for one in due:
        _require_genuine(chain.domain, one)
    ((buyer, node),) = pairs
    receipts, marks = [one.receipt.message.id() for one in due], _marks(due)
    statement = Statement(
        buyer=buyer,
        node=node,
        payee=str(chain.read("GridRegistry", "ownerOf", node)),
        amount=sum(one.receipt.message.amount for one in due),
        receipts=len(receipts),
        receiptsRoot=receipts_root(receipts),
        marks=marks_hash(marks),
    )
    leases = [one.lease.message.id() for one in due]
    return StatementPaper(statement=statement, marks="0x" + marks.hex(), leases=leases)


def require_own_orders(
    domain: Domain, buyer: Address, papers: Sequence[Papers], known: Collection[Hash]
) -> None:
    """A buyer pays for orders that it signed with its key or that its record knows, for no others.

    Raises ClientError(NOT_AUTHORISED).
    """
    for one in papers:
        order = one.order.message
        if order.id() not in known and not _is_signed(domain, order, one.order.signature, buyer):
            raise ClientError(Reason.NOT_AUTHORISED, f"the order {order.id()} is not known to be yours")


def read_statement(path: Path) -> StatementPaper:
    """The statement in a file. Raises ClientError(DOCUMENT_MALFORMED)."""
    try:
        return StatementPaper.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is no statement: {error}") from error


def _marks(papers: Sequence[Papers]) -> bytes:
    try:
        return marks_of(one.lease.message.serial for one in papers)
    except ProtocolError as error:
        raise ClientError(Reason.EVIDENCE_CONTRADICTS, error.detail) from error


def _require_genuine(domain: Domain, papers: Papers) -> None:
    """Raises ClientError(EVIDENCE_CONTRADICTS) where a signature, a link or the charge is wrong."""
    order, lease, receipt = papers.order, papers.lease, papers.receipt
    checks = (
        _is_signed(domain, lease.message, lease.signature, order.message.operator),
        _is_signed(domain, receipt.message, receipt.signature, lease.message.node),
        lease.message.order == order.message.id(),
        receipt.message.lease == lease.message.id(),
        verify_spec(order.message.specRoot, lease.message.task, lease.message.spec, papers.proof),
        all(price <= most for price, most in _prices(papers)),
        receipt.message.amount == receipt_charge(lease.message, receipt.message.usage),
        receipt.message.amount <= lease.message.cap,
    )
    if not all(checks):
        detail = f"the papers of lease {lease.message.id()} contradict each other"
        raise ClientError(Reason.EVIDENCE_CONTRADICTS, detail)


def _prices(papers: Papers) -> list[tuple[int, int]]:
    """The lease's price of each dimension beside the order's limit."""
    lease, order = papers.lease.message, papers.order.message
    return list(zip(lease.prices.vector(), order.maximumPrices.vector(), strict=True))


def _is_signed(domain: Domain, message: Message, signature: str, by: Address) -> bool:
    try:
        return recover(domain, message, signature) == by
    except ProtocolError:
        return False
