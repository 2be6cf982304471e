"""Finds an account's holdings by the contracts' events, present values and the papers here. Reads only."""

from pathlib import Path

from suanli.direct.auction_book import auction_terms
from suanli.direct.auction_survey import auctions_of
from suanli.direct.chain import Chain
from suanli.direct.coding import hex_of, raw
from suanli.direct.court_survey import concerns, drawing_calls, findings_of, seats_of
from suanli.direct.docket import live_cases, rules_of
from suanli.direct.holdings import Holdings, OwnedNode, Reserved, RunningDelegation, Waits
from suanli.direct.own_orders import own_orders
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address


def survey(chain: Chain, account: Address, home: Path) -> Holdings:
    """Everything that the account has in the contracts now; `home` is its holder's own folder."""
    nodes = _nodes(chain, account)
    names = {node.node for node in nodes}
    now, rules, live = chain.now(), rules_of(chain), live_cases(chain)
    cases = [one for one in live if concerns(one, account, names)]
    thawing, thaw_ready_at = chain.read("Ledger", "thawingOf", account)
    bond, _, bond_releasable_at, _ = chain.read("EpochAnchors", "operatorOf", account)
    return Holdings(
        account=account,
        now=now,
        balance=balance_of(chain, account),
        thawing=thawing,
        thaw_ready_at=thaw_ready_at,
        rules=rules,
        waits=waits_of(chain),
        nodes=nodes,
        delegations=_delegations(chain, account, now),
        reservations=reservations_of(chain, account, home, now),
        auctions=auctions_of(chain, account, names, now, home / "bids"),
        cases=tuple(cases),
        drawing=drawing_calls(chain, account, cases, rules, now),
        findings=findings_of(chain, cases, rules, now),
        seats=seats_of(chain, live, names, home / "verdicts"),
        bond=bond,
        bond_releasable_at=bond_releasable_at,
    )


def balance_of(chain: Chain, account: Address) -> int:
    """The account's balance in atoms."""
    return int(chain.read("Ledger", "accountOf", account)[0])


def waits_of(chain: Chain) -> Waits:
    """How long each way out takes here."""
    return Waits(
        thaw=chain.read("Ledger", "thawSeconds"),
        unbonding=chain.read("GridRegistry", "unbondingSeconds"),
        operator_unbonding=chain.read("EpochAnchors", "unbondingSeconds"),
        claim_grace=chain.read("Bidding", "claimGraceSeconds"),
    )


def reservations_of(chain: Chain, account: Address, home: Path, now: int) -> tuple[Reserved, ...]:
    """What the account has reserved for orders and awards and is still there."""
    told = chain.said("Bidding", "Reserved", buyer=account)
    orders = [hex_of(one.arguments["order"]) for one in told]
    orders += auction_terms(chain, buyer=account)  # an auction becomes a reservation by its award
    known = own_orders(home, chain.deployment)
    found = []
    for order in orders:
        buyer, _, release_at, _ = chain.read("Bidding", "reservationOf", raw(order))
        amount = balance_of(chain, chain.read("Bidding", "reservationAccount", raw(order)))
        if buyer != account or not amount:
            continue
        own = known.get(order)
        open_ = own is not None and own.order.deadline > now
        if own is not None and open_ and not chain.read("Bidding", "cancelledAt", account, own.order.nonce):
            found.append(Reserved(order, amount, release_at, own.order.nonce))
        else:
            found.append(Reserved(order, amount, release_at))
    return tuple(found)


def _nodes(chain: Chain, account: Address) -> tuple[OwnedNode, ...]:
    told = chain.said("GridRegistry", "NodeConnected", owner=account)
    found = []
    for node in (str(one.arguments["node"]) for one in told):
        _, state, _, releasable_at = chain.read("GridRegistry", "nodeOf", node)
        total, locked, _ = chain.read("GridRegistry", "stakeOf", node)
        found.append(OwnedNode(node, NodeState(state), total, locked, releasable_at))
    return tuple(found)


def _delegations(chain: Chain, account: Address, now: int) -> tuple[RunningDelegation, ...]:
    told = chain.said("GridRegistry", "Delegated", account=account)
    found = []
    for delegate in sorted({str(one.arguments["delegate"]) for one in told}):
        remaining, expiry, _ = chain.read("GridRegistry", "delegationOf", account, delegate)
        if remaining and expiry >= now:
            found.append(RunningDelegation(delegate, remaining, expiry))
    return tuple(found)
