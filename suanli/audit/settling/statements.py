"""A settled statement: both sides signed it, it takes its serials once, and no fee is taken. Pure."""

from suanli.audit.books.state import Books
from suanli.audit.history import SettledStatement
from suanli.audit.settling.consent import buyer_consent, node_consent, payee_is_owner, serials_once
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def settle_statement(books: Books, settled: SettledStatement) -> list[Check]:
    """Takes the serials and explains the money's way; the checks say what was right."""
    statement, said = settled.call.statement, settled.event.arguments
    amount = statement.amount
    payer = _payer(books, settled)
    repeated = books.serials.take(statement.buyer, settled.call.masks, settled.event.transaction)
    marked = sum(mask.bit_count() for mask in settled.call.masks.values())
    checks = [
        node_consent(books, statement.node, settled.node_signer),
        buyer_consent(books, statement.buyer, settled.buyer_signer, amount, settled.at),
        payee_is_owner(books, statement.node, statement.payee),
        check("volume", said["amount"] == amount, f"{amount} atoms, {said['amount']} by the log"),
        check("marks", marked == statement.receipts, f"{marked} serials, {statement.receipts} receipts"),
        serials_once(repeated),
    ]
    if settled.call.order is not None:
        checks.append(_guardian_consent(books, settled))
    books.explain(payer, statement.payee, amount)
    return checks
