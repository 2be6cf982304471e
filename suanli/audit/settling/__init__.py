"""Applies settlements to the books and judges each: consent, payees, serials, epoch, fee, sums. Pure.

The rules are those of `contracts/interfaces/ISettlement.sol`; here they are worked out a second time.
"""

from suanli.audit.books.state import Books
from suanli.audit.settled import Settled, SettledBatch, SettledRoot
from suanli.audit.settling.fees import FeeRule
from suanli.audit.settling.netting import settle_batch, settle_root
from suanli.audit.settling.statements import settle_statement, space_of
from suanli.protocol.checks import Check

__all__ = ["FeeRule", "settle", "space_of"]


def settle(books: Books, settled: Settled, fee: FeeRule) -> list[Check]:
    """Moves the money of one settlement in `books`; the checks say what was right before it moved."""
    if isinstance(settled, SettledBatch):
        return settle_batch(books, settled, fee)
    if isinstance(settled, SettledRoot):
        return settle_root(books, settled, fee)
    return settle_statement(books, settled)
