"""Unfolds a party: a node or an account, with its books and every settlement that it took part in."""

from collections.abc import Iterable, Iterator

from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.history import SettledBatch
from suanli.audit.payments import settlement_summary
from suanli.audit.replay import Judged
from suanli.protocol.checks import check
from suanli.protocol.values import Address


def node_finding(case: Case, address: Address) -> Finding:
    """A node: where it was connected, and every settlement that paid it."""
    node = case.replay.books.nodes[address]
    judged = list(_involving(case, [address]))
    payments = [payment for one in judged for payment in case.payments_in(one) if payment.node == address]
    facts = {
        "owner": node.owner,
        "state": node.state.name,
        "stake": node.stake,
        "terms": node.terms,
        "benchmark": node.benchmark,
        "connected in": node.transaction,
        "receipts paid by netting": len(payments),
        "earned by netting": sum(payment.amount - payment.fee for payment in payments),
    }
    block = case.replay.block
    said = case.chain.view(case.chain.registry, "nodeOf", address, block=block)
    same = check("node", list(said[:3]) == [node.owner, node.state, node.stake], f"{said} on chain")
    return Finding("node", address, facts, (same,), tuple(settlement_summary(case, one) for one in judged))


def account_finding(case: Case, address: Address) -> Finding:
    """An account: its money by the auditor's books and the chain's, and the settlements it took part in."""
    account, block = case.replay.books.accounts[address], case.replay.block
    nodes = [node for node, one in case.replay.books.nodes.items() if one.owner == address]
    facts = {
        "balance": account.balance,
        "thawing": account.thawing,
        "stake": account.stake,
        "epoch": account.epoch,
        "nodes": ", ".join(nodes),
    }
    ours = [account.balance, account.epoch]
    said = list(case.chain.view(case.chain.ledger, "accountOf", address, block=block))
    same = check("balance", said == ours, f"{said} on chain, {ours} by events and calldata")
    below = tuple(settlement_summary(case, judged) for judged in _involving(case, [address, *nodes]))
    return Finding("account", address, facts, (same,), below)


def _involving(case: Case, addresses: Iterable[Address]) -> Iterator[Judged]:
    wanted = set(addresses)
    return (judged for judged in case.replay.settlements if not wanted.isdisjoint(_parties(judged)))


def _parties(judged: Judged) -> tuple[Address, ...]:
    if isinstance(judged.settled, SettledBatch):
        return judged.settled.call.packed.parties()
    return judged.settled.call.statement.buyer, judged.settled.call.statement.node
