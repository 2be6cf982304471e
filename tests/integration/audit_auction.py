"""A sealed auction in a test's world, from its opening to its award."""

from eth_account.signers.local import LocalAccount

from suanli.protocol.auctions import (
    AuctionTerms,
    Bid,
    QualityRule,
    auction_id,
    bid_values,
    quality_label,
    terms_values,
)
from suanli.protocol.auctions import seal as seal_of
from suanli.protocol.documents import JobSpec
from suanli.protocol.merkle import spec_root
from suanli.protocol.values import Address, Hash
from tests.integration.audit_world import World, raw

BUDGET, DEPOSIT, PHASE = 100_000, 1_000, 100
HOURS = QualityRule(quality_label("hours"), maximum=10, weight=50)


class SealedAuction:
    """One auction for the tasks of a job."""

    def __init__(self, world: World, spec: JobSpec, buyer: LocalAccount) -> None:
        now = world.web3.eth.get_block("latest")["timestamp"]
        commit, reveal = now + PHASE, now + 2 * PHASE
        times = (commit, reveal, now + 100 * PHASE)
        root, tasks = spec_root(spec), len(spec.tasks)
        self.world = world
        money = (BUDGET, DEPOSIT)
        self.terms = AuctionTerms(buyer.address, root, tasks, *money, *times, nonce=now, qualities=(HOURS,))
        self.id = auction_id(self.terms, world.domain.chain_id, world.deployment.bidding)
        self._bids: list[Bid] = []
        world.send("Bidding", "openAuction", terms_values(self.terms), sender=buyer.address)

    def bid(self, node: Address, sender: Address, price: int, hours: int) -> None:
        """Commits a sealed bid, whose deposit `sender` pays."""
        bid = Bid(node, price, (hours,), "0x" + "5a" * 32)
        sealed = raw(seal_of(self.id, bid))
        self.world.send("Bidding", "commitBid", terms_values(self.terms), node, sealed, sender=sender)
        self._bids.append(bid)

    def award(self, opened: int) -> Hash:
        """Opens the first bids and ends the auction; the other bids stay sealed."""
        self.world.later(PHASE)
        for bid in self._bids[:opened]:
            self.world.send("Bidding", "revealBid", terms_values(self.terms), bid_values(bid))
        self.world.later(PHASE)
        return self.world.send("Bidding", "award", terms_values(self.terms))

    def settle_bond(self) -> Hash:
        """Settles the winner's deposit after the end of all claims."""
        return self.world.send("Bidding", "settleBond", terms_values(self.terms))
