"""Whether those whom a settlement concerns agreed to it, and whether it pays a node's owner. Pure."""

from suanli.audit.books.state import Books
from suanli.audit.settled import Signer
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def buyer_consent(books: Books, buyer: Address, signer: Signer, amount: int, at: int) -> Check:
    """By the buyer's key, by its contract, or by a delegate whose cap the payment draws."""
    if signer.approved:
        return check("buyer_consent", True, f"the contract {buyer} approved (ERC-1271)")
    if signer.key is None or signer.key == buyer:
        signed = signer.key is not None
        return check("buyer_consent", signed, f"buyer {buyer} by own key", Reason.SIGNATURE_INVALID)
    grant = books.grants[buyer, signer.key]
    allowed = grant.expiry >= at and grant.remaining >= amount
    detail = f"buyer {buyer} by delegate {signer.key}: {amount} of {grant.remaining} atoms left"
    grant.remaining -= amount
    return check("buyer_consent", allowed, detail, Reason.DELEGATION_EXCEEDED)


def node_consent(books: Books, node: Address, signer: Address | None) -> Check:
    """By the key of a node that was connected once."""
    if node not in books.nodes:
        return check("node_consent", False, f"node {node} was never connected", Reason.NODE_NOT_CONNECTED)
    return check("node_consent", signer == node, f"node {node} by its key", Reason.SIGNATURE_INVALID)


def payee_is_owner(books: Books, node: Address, payee: Address) -> Check:
    """The signed data names the account that is paid: it must be the node's owner at that moment."""
    known = books.nodes.get(node)
    owner = "nobody" if known is None else known.owner
    return check("payee", payee == owner, f"{payee} is paid for node {node} of {owner}")


def serials_once(repeated: list[str]) -> Check:
    """No serial of the settlement was taken before, by whatever exit."""
    detail = "; ".join(repeated[:3]) or "no serial was taken before"
    return check("serials_once", not repeated, detail, Reason.MESSAGE_REPLAYED)
