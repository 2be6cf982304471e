"""A finished task of alice's on carol's node, and a fleet of other owners who may judge it."""

from dataclasses import dataclass
from typing import Any

import brownie
import pytest
from brownie import accounts, chain
from eth_utils.crypto import keccak

from suanli.protocol.charging import lease_cap, receipt_charge
from suanli.protocol.court import Challenge, Claim, dispute_id, places_of, verdict_seal, work_hash
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import JobOrder, Lease, Limits, Prices, Receipt, Usage
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import Suanli
from tests.contracts.signing import values

JURORS = 4
SPECS = ["0x" + keccak(text=f"spec {task}").hex() for task in range(3)]
PRICES = Prices(fuel=1_500_001, memoryFuel=225_007, ingress=30_011, egress=37_513)
USAGE = Usage(fuel=5_000_000_001, memoryFuel=123_456_789, ingress=1_048_577, egress=77)
RESULT = "0x" + keccak(text="result").hex()
WRONG = "0x" + keccak(text="another result").hex()
SALT = "0x" + "5a" * 32
RULES = CourtRules()


@dataclass(frozen=True, slots=True)
class Court:
    """The deployment, and what a claimant and its buyer signed."""

    suanli: Suanli
    buyer: Any
    operator: Any
    node: Any

    def order(self) -> JobOrder:
        """alice's order of three tasks."""
        limits = Limits(
            fuel=10**12, memoryBytes=1 << 30, inputBytes=1 << 30, outputBytes=1 << 20, wallSeconds=60
        )
        return JobOrder(
            buyer=self.buyer.address, operator=self.operator.address, specRoot=MerkleTree(SPECS).root(),
            tasks=3, policy=1, replicas=1, budget=10**9, maximumPrices=PRICES, limits=limits,
            deadline=chain.time() + 3600, nonce=7,
        )  # fmt: skip

    def item(
        self, order: JobOrder, task: int, usage: Usage = USAGE
    ) -> tuple[Lease, Receipt, tuple[Any, ...]]:
        """The lease and the receipt of one task, and the ClaimItem that shows them."""
        lease = Lease(
            order=order.id(), task=task, attempt=0, spec=SPECS[task], ask="0x" + "00" * 32,
            epoch=1, serial=task, node=self.node.address, prices=PRICES, minimumCharge=11,
            deadline=order.deadline,
            cap=lease_cap(PRICES, 11, order.limits, order.limits.inputBytes),
        )  # fmt: skip
        receipt = Receipt(
            lease=lease.id(), outcome=0, result=RESULT, usage=usage, amount=receipt_charge(lease, usage)
        )
        signatures = self.suanli.signed(self.operator, lease), self.suanli.signed(self.node, receipt)
        proof = MerkleTree(SPECS).proof(task)
        return lease, receipt, (values(lease), signatures[0], values(receipt), signatures[1], proof)

    def open(self, task: int = 0, usage: Usage = USAGE) -> Claim:
        """Open a claim on a task as the node; what the event tells of it."""
        order = self.order()
        signature = self.suanli.signed(self.buyer, order)
        items = [self.item(order, task, usage)[2]]
        tx = self.suanli.court.openClaims(values(order), signature, items, {"from": self.node})
        return claim_of(tx.events["ClaimOpened"]["claim"])

    def challenge(self, claim: Claim, challenger: Any) -> tuple[Challenge, Any]:
        """Challenge a claim; what the event tells of it, and the transaction."""
        tx = self.suanli.court.challenge(claim_values(claim), {"from": challenger})
        return Challenge(*tx.events["ClaimChallenged"]["challenge"]), tx


@dataclass(frozen=True, slots=True)
class Dispute:
    """A challenged claim; `keys` are the accounts of nodes that may judge it, by address."""

    court: Court
    claim: Claim
    challenge: Challenge
    keys: dict[str, Any]

    def id(self) -> str:
        """The dispute's id."""
        return dispute_id(self.claim, self.challenge)

    def case(self) -> tuple[Any, Any]:
        """Claim and challenge as calls take them."""
        return claim_values(self.claim), challenge_values(self.challenge)

    def call(self, function: Any, sender: Any = None) -> Any:
        """Call a function of the whole case, the relayer sending unless told otherwise."""
        return function(*self.case(), {"from": sender or self.court.suanli.relayer})

    def draw(self) -> None:
        """Wait for the seed's block and draw the first panel."""
        chain.mine(RULES.seed_delay_blocks + 1)
        self.call(self.court.suanli.court.draw)

    def drawn_at(self) -> int:
        """When the first panel was drawn."""
        return int(self.court.suanli.court.panelOf(self.id(), 0)[0])

    def juror(self, seat: int) -> Any:
        """The node in a seat of the first panel."""
        suanli = self.court.suanli
        place = places_of(int(suanli.court.panelOf(self.id(), 0)[1]), 0)[seat]
        return self.keys[str(suanli.registry.nodeAt(place)[0])]

    def seal(self, seat: int, result: str = RESULT, outcome: int = 0) -> Any:
        """The juror in a seat commits to a finding."""
        sealed = verdict_seal(self.id(), 0, seat, work_hash(outcome, result, USAGE), SALT)
        return self.court.suanli.court.commitVerdict(self.id(), 0, seat, sealed, {"from": self.juror(seat)})

    def open(self, seat: int, result: str = RESULT, outcome: int = 0) -> Any:
        """Open what was sealed in a seat, the relayer sending."""
        suanli = self.court.suanli
        finding = outcome, result, USAGE.vector()
        return suanli.court.openVerdict(self.id(), 0, seat, *finding, SALT, {"from": suanli.relayer})

    def judge(self, *results: str) -> None:
        """Draw, and let the first seats find these results; the others stay away."""
        self.draw()
        for seat, result in enumerate(results):
            self.seal(seat, result)
        next_block_at(self.drawn_at() + RULES.commit_seconds + 1)
        for seat, result in enumerate(results):
            self.open(seat, result)

    def wait(self, seconds_after_opening: int) -> int:
        """The next block is that much later than the last second for opening verdicts; its time."""
        time = self.drawn_at() + RULES.commit_seconds + RULES.open_seconds + seconds_after_opening
        next_block_at(time)
        return time


def claim_of(fields: Any) -> Claim:
    """A claim as the protocol has it, from an event's tuple."""
    return Claim(*("0x" + bytes(one).hex() if isinstance(one, bytes) else _plain(one) for one in fields))


def claim_values(claim: Claim) -> tuple[Any, ...]:
    """A claim as the tuple that a call takes."""
    return tuple(getattr(claim, name) for name in Claim.__slots__)


def challenge_values(challenge: Challenge) -> tuple[Any, ...]:
    """A challenge as the tuple that a call takes."""
    return tuple(getattr(challenge, name) for name in Challenge.__slots__)


def _plain(value: Any) -> Any:
    text = str(value)
    return text if text.startswith("0x") else value


@pytest.fixture
def jurors(market_day: Suanli) -> list[tuple[Any, Any]]:
    """Owners and nodes that may judge."""
    people = []
    for number in range(JURORS):
        owner, node = (accounts.add(keccak(text=f"{what} {number}")) for what in ("juror", "juror's node"))
        for one in (owner, node):
            brownie.web3.provider.make_request("anvil_setBalance", [one.address, hex(10**20)])
        market_day.fund(owner)
        market_day.connect(node, owner)
        people.append((owner, node))
    chain.sleep(10)
    chain.mine()
    return people


@pytest.fixture
def court(market_day: Suanli, alice: Any, operator: Any, carols_node: Any) -> Court:
    """alice buys, carol's node has worked."""
    return Court(market_day, alice, operator, carols_node)


@pytest.fixture
def dispute(court: Court, jurors: list[tuple[Any, Any]], daves_node: Any, bob: Any) -> Dispute:
    """bob challenged a claim of carol's node; dave's node and the jurors' may judge."""
    claim = court.open()
    challenge, _ = court.challenge(claim, bob)
    keys = {node.address: node for node in (daves_node, *(node for _, node in jurors))}
    return Dispute(court, claim, challenge, keys)
