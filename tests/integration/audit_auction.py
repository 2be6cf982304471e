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
from suanli.protocol.court import award_task_id
from suanli.protocol.documents import JobSpec
from suanli.protocol.merkle import spec_proof, spec_root
from suanli.protocol.messages import Receipt, Usage
from suanli.protocol.signatures import sign
from suanli.protocol.values import Address, Hash
from tests.integration.audit_world import World, as_tuple, raw

BUDGET, DEPOSIT, PHASE, LIFE = 100_000, 1_000, 100, 10_000
HOURS = QualityRule(quality_label("hours"), maximum=10, weight=50)


class SealedAuction:
    """One auction for the tasks of a job."""

    def __init__(self, world: World, spec: JobSpec, buyer: LocalAccount) -> None:
        now = world.web3.eth.get_block("latest")["timestamp"]
        commit, reveal = now + PHASE, now + 2 * PHASE
        times = (commit, reveal, now + LIFE)
        root, tasks = spec_root(spec), len(spec.tasks)
        self.world, self.spec = world, spec
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
        self.world.later(PHASE + 1)
        for bid in self._bids[:opened]:
            self.world.send("Bidding", "revealBid", terms_values(self.terms), bid_values(bid))
        self.world.later(PHASE)
        return self.world.send("Bidding", "award", terms_values(self.terms))

    def claim(self, winner: LocalAccount, owner: Address, task: int, payment: int) -> Hash:
        """The winner claims one task of its award."""
        id_ = award_task_id(self.id, task)
        usage = Usage(fuel=1, memoryFuel=1, ingress=1, egress=1)
        result = "0x" + "ee" * 32
        receipt = Receipt(lease=id_, outcome=0, result=result, usage=usage, amount=payment)
        signature = raw(sign(winner, self.world.domain, receipt))
        spec = raw(self.spec.tasks[task].content_hash())
        proof = [raw(hash_) for hash_ in spec_proof(self.spec, task)]
        items = [(task, spec, as_tuple(receipt), signature, proof)]
        return self.world.send("ClaimCourt", "openAwardClaims", raw(self.id), items, sender=owner)

    def settle_bond(self) -> Hash:
        """Settles the winner's deposit after the end of all claims."""
        return self.world.send("Bidding", "settleBond", terms_values(self.terms))
