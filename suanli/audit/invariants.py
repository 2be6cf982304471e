"""Recomputes every balance, stake, thaw, epoch, node and delegation, and compares them with the views.

Needs an RPC and the deployment's addresses, no evidence and no market.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from suanli.audit.books import Books
from suanli.audit.chain import Chain, Progress
from suanli.audit.finding import Finding
from suanli.audit.replay import Replay, replay
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason

Views = Callable[..., Any]


def invariants(chain: Chain, progress: Progress) -> Finding:
    """The whole comparison; a difference is a failed check that names the account, node or pair."""
    state = replay(chain, progress)
    checks = [
        *_deployment(chain),
        *_settlements(state),
        *_books(chain, state, progress),
        *_solvency(chain, state),
    ]
    facts = {
        "blocks": f"{chain.deployment.first_block}–{state.block}",
        "settlements": len(state.settlements),
        "accounts": len(state.books.accounts),
        "nodes": len(state.books.nodes),
    }
    return Finding("invariants", chain.deployment.ledger, facts, tuple(checks))


def _deployment(chain: Chain) -> Iterator[Check]:
    """The contracts name each other as the deployment file says."""
    said, names = chain.deployment, ("ledger", "registry", "settlement", "token")
    found = {
        "ledger": chain.view(chain.settlement, "ledger"),
        "registry": chain.view(chain.ledger, "registry"),
        "settlement": chain.view(chain.ledger, "settlement"),
        "token": chain.view(chain.ledger, "token"),
    }
    wrong = [f"{name} is {found[name]}" for name in names if found[name] != getattr(said, name)]
    yield check("deployment", not wrong, "; ".join(wrong) or "the contracts name each other")


def _settlements(state: Replay) -> Iterator[Check]:
    """Every rule of every settlement; only what failed is listed one by one."""
    failed = [
        (judged.transaction, one) for judged in state.settlements for one in judged.checks if not one.passed
    ]
    total = sum(len(judged.checks) for judged in state.settlements)
    for transaction, one in failed:
        yield check(
            one.name, False, f"{transaction}: {one.detail}", one.reason or Reason.EVIDENCE_CONTRADICTS
        )
    yield check(
        "settlement_rules", not failed, f"{total - len(failed)} of {total} checks of settlements hold"
    )


def _books(chain: Chain, state: Replay, progress: Progress) -> Iterator[Check]:
    books, block = state.books, state.block

    def account(name: str) -> Any:
        return chain.view(chain.ledger, "accountOf", name, block=block)

    rows = {
        "balance": _accounts(books, "balance", lambda one: account(one)[0]),
        "epoch": _accounts(books, "epoch", lambda one: account(one)[1]),
        "thaw": _thaws(chain, books, block),
        "stake": _accounts(books, "stake", lambda one: chain.view(chain.ledger, "stakeOf", one, block=block)),
        "node": _nodes(chain, books, block),
        "delegation": _grants(chain, books, block),
        "statement": _statements(chain, books, block),
    }
    for step, (name, compared) in enumerate(rows.items(), start=1):
        progress("views", step, len(rows))
        yield from _differences(name, compared)


Compared = Iterable[tuple[str, Any, Any]]
"""What is compared: whose it is, what the auditor's books say, what the chain says."""


def _differences(name: str, compared: Compared) -> Iterator[Check]:
    count, wrong = 0, list[Check]()
    for whose, ours, theirs in compared:
        count += 1
        if ours != theirs:
            wrong.append(check(name, False, f"{whose}: {theirs} on chain, {ours} by events and calldata"))
    yield from wrong or [check(name, True, f"{count} compared")]


def _accounts(books: Books, field: str, view: Callable[[str], Any]) -> Compared:
    for address, account in list(books.accounts.items()):
        yield address, getattr(account, field), view(address)


def _thaws(chain: Chain, books: Books, block: int) -> Compared:
    for address, account in list(books.accounts.items()):
        said = chain.view(chain.ledger, "thawingOf", address, block=block)
        yield address, [account.thawing, account.thaw_ready_at], list(said)


def _nodes(chain: Chain, books: Books, block: int) -> Compared:
    for address, node in books.nodes.items():
        said = chain.view(chain.registry, "nodeOf", address, block=block)
        yield address, [node.owner, node.state, node.stake, node.releasable_at], list(said)


def _grants(chain: Chain, books: Books, block: int) -> Compared:
    for pair, grant in list(books.grants.items()):
        said = chain.view(chain.registry, "delegationOf", *pair, block=block)
        yield " to ".join(pair), [grant.remaining, grant.expiry, grant.nonce], list(said)


def _statements(chain: Chain, books: Books, block: int) -> Compared:
    for pair, amount in list(books.statements.items()):
        yield " to ".join(pair), amount, chain.view(chain.settlement, "paidOf", *pair, block=block)


def _solvency(chain: Chain, state: Replay) -> Iterator[Check]:
    """Money in is money out and money owed; the Ledger holds at least what it owes."""
    books = state.books
    owed, staked = books.liabilities(), sum(node.stake for node in books.nodes.values())
    held = chain.view(chain.token, "balanceOf", chain.deployment.ledger, block=state.block)
    flow = books.deposited - books.withdrawn
    stakes = sum(account.stake for account in books.accounts.values())
    yield check("conservation", flow == owed, f"deposited less withdrawn {flow}, owed {owed} atoms")
    yield check("stakes", staked == stakes, f"nodes {staked}, accounts {stakes} atoms")
    yield check(
        "solvency", held >= owed, f"the Ledger holds {held} and owes {owed} atoms", Reason.BALANCE_TOO_SMALL
    )
