"""Recomputes every balance, stake, serial, bond and record, and compares them with the contracts' views.

Needs an RPC and the deployment's addresses, no evidence and no market.
"""

from collections.abc import Iterator

from suanli.audit.chain import Chain, Progress
from suanli.audit.custody import custody
from suanli.audit.finding import Finding
from suanli.audit.replay import Replay, replay
from suanli.audit.settling.fees import MAXIMUM_BASIS_POINTS
from suanli.audit.views import anchors, authority, bidding, court, ledger, registry, settlement
from suanli.audit.views.compare import Views, differences
from suanli.protocol.abi import ContractName
from suanli.protocol.checks import Check, check
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.reasons import Reason

CONTRACTS = (ledger, registry, settlement, bidding, anchors, court, authority)

NAMED: tuple[tuple[ContractName, str], ...] = (
    ("Settlement", "ledger"),
    ("Settlement", "registry"),
    ("Settlement", "bidding"),
    ("Settlement", "court"),
    ("Ledger", "registry"),
    ("Ledger", "settlement"),
    ("Ledger", "token"),
    ("Ledger", "authority"),
    ("GridRegistry", "ledger"),
    ("GridRegistry", "settlement"),
    ("GridRegistry", "court"),
    ("GridRegistry", "authority"),
    ("Bidding", "ledger"),
    ("Bidding", "registry"),
    ("Bidding", "court"),
    ("Bidding", "authority"),
    ("EpochAnchors", "ledger"),
    ("EpochAnchors", "authority"),
    ("ClaimCourt", "ledger"),
    ("ClaimCourt", "registry"),
    ("ClaimCourt", "settlement"),
    ("ClaimCourt", "bidding"),
)
"""Views by which the contracts name each other, called as the deployment file calls them."""


def invariants(chain: Chain, progress: Progress) -> Finding:
    """The whole comparison; a difference is a failed check that names the account, node or pair."""
    state = replay(chain, progress)
    checks = [
        *_deployment(chain),
        *_rules(state),
        *_views(chain, state, progress),
        *custody(state.books, chain.tokens_held(chain.deployment.ledger, state.block)),
    ]
    facts = {
        "blocks": f"{chain.deployment.first_block}–{state.block}",
        "settlements": len(state.settlements),
        "accounts": len(state.books.accounts),
        "nodes": len(state.books.nodes),
        "claims": len(state.books.claims),
        "auctions": len(state.books.auctions),
    }
    return Finding("invariants", chain.deployment.ledger, facts, tuple(checks))


def _deployment(chain: Chain) -> Iterator[Check]:
    """The contracts name each other as the deployment file says, and the fee keeps its cap."""
    wrong = []
    for contract, part in NAMED:
        said = chain.view(contract, part)
        if said != getattr(chain.deployment, part):
            wrong.append(f"{contract} names {said} as {part}")
    yield check("deployment", not wrong, "; ".join(wrong) or "the contracts name each other")
    rules, longest = (
        CourtRules(*chain.view("ClaimCourt", "rules")),
        chain.view("ClaimCourt", "longestDispute"),
    )
    yield check("court_rules", rules.longest_dispute() == longest, f"{longest} seconds at the longest")
    said = chain.deployment
    fee, thaw = chain.view("Settlement", "feeBasisPoints"), chain.view("Ledger", "thawSeconds")
    published = (said.fee_basis_points, said.thaw_seconds)
    yield check(
        "published", (fee, thaw) == published, f"fee and thaw are {(fee, thaw)}, published {published}"
    )
    yield check(
        "fee_cap", fee <= MAXIMUM_BASIS_POINTS, f"{fee} of at most {MAXIMUM_BASIS_POINTS} basis points"
    )


def _rules(state: Replay) -> Iterator[Check]:
    """Every rule of every settlement, claim and auction; only what failed is listed one by one."""
    judged = [(one.transaction, rule) for one in state.settlements for rule in one.checks]
    yield from _summed("settlement_rules", "settlements", judged)
    yield from _summed("event_rules", "claims, auctions and moves", list(state.rules))


def _summed(name: str, of: str, judged: list[tuple[str, Check]]) -> Iterator[Check]:
    failed = [(transaction, rule) for transaction, rule in judged if not rule.passed]
    for transaction, rule in failed:
        reason = rule.reason or Reason.EVIDENCE_CONTRADICTS
        yield check(rule.name, False, f"{transaction}: {rule.detail}", reason)
    yield check(name, not failed, f"{len(judged) - len(failed)} of {len(judged)} checks of {of} hold")


def _views(chain: Chain, state: Replay, progress: Progress) -> Iterator[Check]:
    views = Views(chain, state.books, state.block)
    for step, contract in enumerate(CONTRACTS, start=1):
        progress("views", step, len(CONTRACTS))
        for name, compared in contract.rows(views):
            yield from differences(name, compared)
