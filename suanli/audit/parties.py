"""Unfolds a party: a node or an account, with its books and every settlement that it took part in."""

from collections.abc import Iterable, Iterator

from suanli.audit.books.records import Claim
from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.replay import Judged
from suanli.audit.settled import SettledBatch, SettledStatement
from suanli.audit.summaries import claim_summary, settlement_summary
from suanli.protocol import netting, root_netting
from suanli.protocol.checks import check
from suanli.protocol.values import Address


def node_finding(case: Case, address: Address) -> Finding:
    """A node: where it was connected, and every settlement that paid it."""
    node = case.replay.books.nodes[address]
    judged = list(_involving(case, [address]))
    claims = [claim for claim in case.replay.books.claims.values() if claim.node == address]
    facts = {
        "owner": node.owner,
        "state": node.state.name,
        "stake": node.stake,
        "locked": node.locked,
        "terms": node.terms,
        "benchmark": node.benchmark,
        "connected in": node.transaction,
        "claims": len(claims),
        "earned": sum(_earned(case, one, address) for one in judged) + _claimed(claims),
    }
    said = case.chain.view("GridRegistry", "nodeOf", address, block=case.replay.block)
    same = check("node", list(said[:3]) == [node.owner, node.state, node.stake], f"{said} on chain")
    below = (*map(settlement_summary, judged), *(claim_summary(case, claim) for claim in claims))
    return Finding("node", address, facts, (same,), below)


def account_finding(case: Case, address: Address) -> Finding:
    """An account: its money by the auditor's books and the chain's, and the settlements it took part in."""
    account, block = case.replay.books.accounts[address], case.replay.block
    nodes = [node for node, one in case.replay.books.nodes.items() if one.owner == address]
    facts = {
        "balance": account.balance,
        "thawing": account.thawing,
        "epoch": account.epoch,
        "nodes": ", ".join(nodes),
    }
    ours = [account.balance, account.epoch]
    said = list(case.chain.view("Ledger", "accountOf", address, block=block))
    same = check("balance", said == ours, f"{said} on chain, {ours} by events and calldata")
    claims = [one for one in case.replay.books.claims.values() if {address, *nodes} & {one.buyer, one.node}]
    settled = map(settlement_summary, _involving(case, [address, *nodes]))
    below = (*settled, *(claim_summary(case, claim) for claim in claims))
    return Finding("account", address, facts, (same,), below)


def _involving(case: Case, addresses: Iterable[Address]) -> Iterator[Judged]:
    wanted = set(addresses)
    return (judged for judged in case.replay.settlements if not wanted.isdisjoint(_parties(judged)))


def _parties(judged: Judged) -> tuple[Address, ...]:
    if isinstance(judged.settled, SettledStatement):
        statement = judged.settled.call.statement
        return statement.buyer, statement.node, statement.payee
    return judged.settled.call.packed.parties()


def _earned(case: Case, judged: Judged, node: Address) -> int:
    """What a settlement paid for the node after the fee, in atoms."""
    settled, rate = judged.settled, case.replay.fee.basis_points
    if isinstance(settled, SettledStatement):
        return settled.call.statement.amount
    if isinstance(settled, SettledBatch):
        return netting.net(settled.call.packed, rate).earned.get(node, 0)
    return root_netting.net(settled.call.packed, rate).earned.get(node, 0)


def _claimed(claims: list[Claim]) -> int:
    return sum(claim.amount for claim in claims if claim.payee is not None)
