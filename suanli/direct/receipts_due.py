"""Receipts that nobody paid yet, seen from the way out: what they are worth, and until when one may claim."""

from collections.abc import Iterable

from suanli.direct.chain import Chain
from suanli.direct.claiming import settled
from suanli.direct.coding import raw
from suanli.direct.moves import Choice
from suanli.direct.papers import AnyPapers, Papers
from suanli.protocol.values import Address, Hash


def claimable(chain: Chain, papers: Iterable[AnyPapers], now: int) -> list[AnyPapers]:
    """Those that are neither paid nor claimed, and whose time for claims is not over."""
    ends: dict[Hash, int] = {}
    found = []
    for one in papers:
        group = _group(one)
        if group not in ends:
            ends[group] = _last_second(chain, one)
        if now <= ends[group] and settled(chain, one) is None:
            found.append(one)
    return found


def claim_choices(chain: Chain, papers: Iterable[AnyPapers]) -> list[Choice]:
    """For each order or award: what unpaid receipts are worth, and the last second of claims."""
    groups: dict[Hash, list[AnyPapers]] = {}
    for one in papers:
        groups.setdefault(_group(one), []).append(one)
    return [
        Choice(
            f"claim {len(group)} unpaid receipts",
            order,
            _last_second(chain, group[0]),
            sum(one.receipt.message.amount for one in group),
            "suanli exit all --journal FILE, or claim open",
        )
        for order, group in groups.items()
    ]


def _group(papers: AnyPapers) -> Hash:
    return papers.order.message.id() if isinstance(papers, Papers) else papers.auction


def _last_second(chain: Chain, papers: AnyPapers) -> int:
    grace = int(chain.read("Bidding", "claimGraceSeconds"))
    if not isinstance(papers, Papers):
        return int(chain.read("Bidding", "awardOf", raw(papers.auction))[4]) + grace
    order = papers.order.message
    account: Address = order.buyer
    return int(chain.read("Bidding", "endOf", account, order.nonce, order.deadline)) + grace
