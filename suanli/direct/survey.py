"""Finds an account's holdings by the contracts' events and present values. Reads only."""

from collections.abc import Iterable, Mapping
from typing import Any

from suanli.direct.chain import Chain
from suanli.direct.coding import hex_of, raw
from suanli.direct.docket import live_cases, rules_of
from suanli.direct.holdings import AuctionHolding, AuctionState, Holdings, OwnedNode, Reserved
from suanli.direct.phases import Case
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash

_WORD_BITS = 256


def survey(chain: Chain, account: Address) -> Holdings:
    """Everything that the account has in the contracts now."""
    nodes = _nodes(chain, account)
    names = {node.node for node in nodes}
    auctions = {
        hex_of(one.arguments["auction"]): _plain(one.arguments["terms"])
        for one in chain.said("Bidding", "AuctionOpened")
    }
    thawing, thaw_ready_at = chain.read("Ledger", "thawingOf", account)
    bond, _, bond_releasable_at, _ = chain.read("EpochAnchors", "operatorOf", account)
    return Holdings(
        account=account,
        now=chain.now(),
        balance=_balance(chain, account),
        thawing=thawing,
        thaw_ready_at=thaw_ready_at,
        rules=rules_of(chain),
        nodes=nodes,
        reservations=_reservations(chain, account, auctions),
        auctions=_auctions(chain, account, names, auctions),
        cases=tuple(one for one in live_cases(chain) if _concerns(one, account, names)),
        bond=bond,
        bond_releasable_at=bond_releasable_at,
    )


def _balance(chain: Chain, account: Address) -> int:
    return int(chain.read("Ledger", "accountOf", account)[0])


def _nodes(chain: Chain, account: Address) -> tuple[OwnedNode, ...]:
    told = chain.said("GridRegistry", "NodeConnected", owner=account)
    found = []
    for node in (str(one.arguments["node"]) for one in told):
        _, state, _, releasable_at = chain.read("GridRegistry", "nodeOf", node)
        total, locked, _ = chain.read("GridRegistry", "stakeOf", node)
        found.append(OwnedNode(node, NodeState(state), total, locked, releasable_at))
    return tuple(found)


def _reservations(
    chain: Chain, account: Address, auctions: Mapping[Hash, tuple[Any, ...]]
) -> tuple[Reserved, ...]:
    told = chain.said("Bidding", "Reserved", buyer=account)
    orders = [hex_of(one.arguments["order"]) for one in told]
    orders += [auction for auction, terms in auctions.items() if terms[0] == account]
    found = []
    for order in orders:
        buyer, _, release_at, _ = chain.read("Bidding", "reservationOf", raw(order))
        if buyer == account:  # an auction becomes a reservation by its award
            amount = _balance(chain, chain.read("Bidding", "reservationAccount", raw(order)))
            found.append(Reserved(order, amount, release_at))
    return tuple(one for one in found if one.amount)


def _auctions(
    chain: Chain, account: Address, nodes: Iterable[Address], auctions: Mapping[Hash, tuple[Any, ...]]
) -> tuple[AuctionHolding, ...]:
    bids = {
        (hex_of(one.arguments["auction"]), str(one.arguments["node"]))
        for node in nodes
        for one in chain.said("Bidding", "BidCommitted", node=node)
    }
    found = [
        _auction(chain, account, auction, terms, [node for named, node in bids if named == auction])
        for auction, terms in auctions.items()
    ]
    return tuple(one for one in found if one is not None)


def _auction(
    chain: Chain, account: Address, auction: Hash, terms: tuple[Any, ...], bidders: list[Address]
) -> AuctionHolding | None:
    if terms[0] != account and not bidders:
        return None
    buyer, deposit = terms[0] == account, int(terms[4])
    number, best, _, _, sealed = chain.read("Bidding", "auctionOf", raw(auction))
    state = AuctionState(number)
    if state is AuctionState.OPEN:
        held = [node for node in bidders if _is_sealed(chain, auction, node) or node == best]
        bids = bool(sealed) or int(best, 16) != 0
        budget = int(terms[3]) if buyer else 0
        return AuctionHolding(
            auction, terms, state, budget, deposit * len(held), bids, sealed, int(terms[5]), int(terms[6])
        )
    settled = chain.said("Bidding", "BondSettled", auction=raw(auction))
    if state is not AuctionState.AWARDED or best not in bidders or settled:
        return None
    release_at = chain.read("Bidding", "reservationOf", raw(auction))[2]
    return AuctionHolding(
        auction,
        terms,
        state,
        0,
        deposit,
        True,
        0,
        int(terms[5]),
        int(terms[6]),
        release_at,
        _is_finished(chain, auction, int(terms[2])),
    )


def _is_sealed(chain: Chain, auction: Hash, node: Address) -> bool:
    return any(chain.read("Bidding", "sealOf", raw(auction), node))


def _is_finished(chain: Chain, auction: Hash, tasks: int) -> bool:
    """Whether every task of an award is paid or claimed."""
    space = chain.read("Bidding", "reservationAccount", raw(auction))
    words = range(-(-tasks // _WORD_BITS))
    bits = [chain.read("Settlement", "paidWord", space, word) for word in words]
    return sum(int(one).bit_count() for one in bits) >= tasks


def _concerns(case: Case, account: Address, nodes: set[Address]) -> bool:
    """An unchallenged claim is its node's money; a disputed one may still be any party's."""
    if case.claim.node in nodes:
        return True
    return case.challenge is not None and account in (case.claim.buyer, case.challenge.challenger)


def _plain(value: Any) -> Any:
    """Structs of an event as the tuples that a call takes."""
    if isinstance(value, Mapping):
        return tuple(_plain(one) for one in value.values())
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
