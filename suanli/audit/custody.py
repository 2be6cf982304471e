"""Whose money the contracts hold: what their accounts contain is what their records owe. Pure.

What came in without a purpose (a deposit into a contract's account, tokens sent to the Ledger) is a gift
nobody can take out; only gifts may make a holding exceed what is owed.
"""

from collections import Counter
from collections.abc import Iterator

from suanli.audit.books.auctions import held as deposits_held
from suanli.audit.books.court import held as claims_held
from suanli.audit.books.state import Books
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def custody(books: Books, tokens: int) -> Iterator[Check]:
    """The invariants of custody by name; `tokens` is what the Ledger holds, in atoms."""
    owed, flow = books.liabilities(), books.deposited - books.withdrawn
    overdrawn = [address for address, account in books.accounts.items() if account.balance < 0]
    modules = books.modules
    yield check("conservation", flow == owed, f"deposited less withdrawn {flow}, owed {owed} atoms")
    yield check(
        "solvency", tokens >= owed, f"the Ledger holds {tokens}, owes {owed} atoms", Reason.BALANCE_TOO_SMALL
    )
    yield check("no_overdraft", not overdrawn, ", ".join(overdrawn) or "nobody owes the Ledger")
    yield _holds(books, "stakes", modules.registry, sum(node.stake for node in books.nodes.values()))
    yield _holds(books, "bonds", modules.anchors, sum(one.bond for one in books.operators.values()))
    yield _holds(books, "deposits", modules.bidding, sum(map(deposits_held, books.auctions.values())))
    yield _holds(books, "claims", modules.court, claims_held(books))
    bonds = Counter(claim.node for claim in books.claims.values() if claim.is_open)
    wrong = [
        address
        for address, node in books.nodes.items()
        if node.locked != books.rules.claim_bond * bonds[address] or node.locked > node.stake
    ]
    yield check(
        "locked_stake", not wrong, ", ".join(wrong) or "each open claim locks its bond of a node's stake"
    )


def _holds(books: Books, name: str, module: Address, owed: int) -> Check:
    account = books.accounts[module]
    held = account.balance - account.given
    return check(name, held == owed, f"{module} holds {held} (and gifts {account.given}), owes {owed} atoms")
