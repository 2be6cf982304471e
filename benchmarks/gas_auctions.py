"""What a sealed auction costs in gas: each bidder, and the whole of it."""

from statistics import mean

from eth_utils.crypto import keccak

from benchmarks.chain import Chain
from benchmarks.gas_rows import RULES, Parties, Row, row
from suanli.protocol.auctions import (
    AuctionTerms,
    Bid,
    QualityRule,
    bid_values,
    quality_label,
    seal,
    terms_values,
)

BIDDERS = 10
PHASE_SECONDS = 3600


def auction_rows(chain: Chain, parties: Parties) -> list[Row]:
    """An auction of ten bidders while another one, with deposits, is open."""
    for account in (*parties.buyers, *parties.owners):
        chain.impersonate(account.address)
    _Auction(chain, parties, 1).commit(0)
    auction = _Auction(chain, parties, 2)
    commits = [auction.commit(number) for number in range(BIDDERS)]
    chain.wait(PHASE_SECONDS + 1)
    reveals = [auction.reveal(number) for number in range(BIDDERS)]
    awarded = auction.end("award")
    chain.wait(4 * PHASE_SECONDS + 7 * 24 * 3600)
    settled = auction.end("settleBond")
    bidders = [sum(pair) for pair in zip(commits, reveals, strict=True)]
    whole = auction.opened + sum(bidders) + awarded + settled
    conditions = f"{RULES}, {BIDDERS} bidders, price and two qualities"
    each = f"{conditions}, commit and reveal in two transactions"
    return [
        row("gas.auction.bidder", mean(bidders), f"{each}, mean"),
        row("gas.auction.bidder.worst", max(bidders), f"{each}, dearest bidder"),
        row("gas.auction.open", auction.opened, conditions),
        row("gas.auction.award", awarded, conditions),
        row(
            "gas.auction.10bidders",
            whole,
            f"{conditions}, whole life: open, commits, reveals, award, bond settled, {2 * BIDDERS + 3} calls",
        ),
    ]


class _Auction:
    """One auction, opened by the first buyer; bidder i is owner i with its node."""

    def __init__(self, chain: Chain, parties: Parties, nonce: int) -> None:
        self.chain, self.parties = chain, parties
        now = chain.web3.eth.get_block("latest")["timestamp"]
        qualities = (QualityRule(quality_label("hours"), 100, 1000), QualityRule(quality_label("ms"), 500, 7))
        buyer = parties.buyers[0].address
        self.terms = AuctionTerms(
            buyer=buyer,
            spec_root="0x" + keccak(text=f"job {nonce}").hex(),
            tasks=300,
            budget=1_000_000,
            deposit=5000,
            commit_until=now + PHASE_SECONDS,
            reveal_until=now + 2 * PHASE_SECONDS,
            deadline=now + 3 * PHASE_SECONDS,
            nonce=nonce,
            qualities=qualities,
        )
        opened = chain.call("Bidding", "openAuction", terms_values(self.terms), sender=buyer)
        self.opened = opened["gasUsed"]
        self.id = chain.event("Bidding", "AuctionOpened", opened)["auction"]

    def commit(self, number: int) -> int:
        """Bidder `number` seals its bid."""
        bid = self._bid(number)
        arguments = terms_values(self.terms), bid.node, seal("0x" + bytes(self.id).hex(), bid)
        return self._send("commitBid", number, *arguments)

    def reveal(self, number: int) -> int:
        """Bidder `number` opens its bid."""
        return self._send("revealBid", number, terms_values(self.terms), bid_values(self._bid(number)))

    def end(self, function: str) -> int:
        """What anyone may do afterwards."""
        return self.chain.call("Bidding", function, terms_values(self.terms))["gasUsed"]

    def _bid(self, number: int) -> Bid:
        price = 500_000 + 37_003 * (7 * number % BIDDERS)
        salt = "0x" + keccak(text=f"salt {number}").hex()
        return Bid(self.parties.nodes[number].address, price, (20 + number, 100), salt)

    def _send(self, function: str, number: int, *arguments: object) -> int:
        sender = self.parties.owners[number].address
        return self.chain.call("Bidding", function, *arguments, sender=sender)["gasUsed"]
