"""What a claim and a dispute cost in gas: real transactions from the claim to the panel's ruling."""

from collections.abc import Callable
from statistics import mean, median
from typing import Any

from eth_utils.crypto import keccak
from web3.types import TxReceipt

from benchmarks.chain import Chain, key
from benchmarks.gas_rows import RULES, Parties, Row, row
from suanli.protocol.charging import lease_cap, receipt_charge
from suanli.protocol.court import places_of, verdict_seal, work_hash
from suanli.protocol.court_rules import SMALL_PANEL, CourtRules
from suanli.protocol.eip712 import Message, Struct
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import JobOrder, Lease, Limits, Prices, Receipt, Usage, VerdictSeal
from suanli.protocol.signatures import sign

COURT = CourtRules()
SPECS = tuple("0x" + keccak(text=f"spec {task}").hex() for task in range(2))
PRICES = Prices(fuel=1_500_001, memoryFuel=225_007, ingress=30_011, egress=37_513)
LIMITS = Limits(fuel=10**12, memoryBytes=1 << 30, inputBytes=1 << 30, outputBytes=1 << 20, wallSeconds=60)
USAGE = Usage(fuel=5_000_000_001, memoryFuel=123_456_789, ingress=1_048_577, egress=77)
RESULT, SALT = ("0x" + keccak(text=text).hex() for text in ("result", "salt"))
CLAIMS, DISPUTES = 4, 7
FIRST_SERIAL = 1 << 40


def court_rows(chain: Chain, parties: Parties) -> list[Row]:
    """A claim that nobody challenges, and a dispute before a panel of three, in few and in many calls."""
    trial = Trial(chain, parties)
    claims = [trial.claim_paid() for _ in range(CLAIMS)]
    opened, closed = mean(one[0] for one in claims[1:]), mean(one[1] for one in claims[1:])
    few = [trial.dispute(trial.open_claim()[1], together=True) for _ in range(DISPUTES)]
    many = [trial.dispute(trial.open_claim()[1], together=False) for _ in range(DISPUTES)]
    whole = "whole life: challenge, draw, 3 verdicts sealed and opened, resolve"
    fleet = f"median of {DISPUTES}, jurors drawn from {trial.node_count()} nodes"
    return [
        row("gas.claim", opened + closed, f"{RULES}, one side alone: opened, unchallenged, closed"),
        row("gas.claim.open", opened, f"{RULES}, order, lease and receipt checked on chain"),
        row("gas.claim.close", closed, f"{RULES}, after the window"),
        row(
            "gas.dispute.panel3",
            median(few),
            f"{RULES}, {whole}; {fleet}; who draws lands the signed seals, openings land together: 4 calls",
        ),
        row("gas.dispute.panel3.one_by_one", median(many), f"{RULES}, {whole}; {fleet}; 9 calls"),
    ]


class Trial:
    """The first node claims from the first buyer, the second buyer challenges, the others judge."""

    def __init__(self, chain: Chain, parties: Parties) -> None:
        self.chain, self.operator = chain, key("court operator")
        self.buyer, self.challenger = parties.buyers[:2]
        self.node = parties.nodes[0]
        self.serial = FIRST_SERIAL
        for account in (self.node, self.challenger):
            chain.impersonate(account.address)

    def node_count(self) -> int:
        """How many nodes the registry lists."""
        return int(self.chain.contracts["GridRegistry"].functions.nodeCount().call())

    def open_claim(self) -> tuple[int, tuple[Any, ...]]:
        """A claim on one task of a new order: the gas, and the claim as calls take it."""
        order, item = self._item()
        signature = self._signed(self.buyer, order)
        opened = self._court("openClaims", _values(order), signature, [item], sender=self.node.address)
        return opened["gasUsed"], _plain(self.chain.event("ClaimCourt", "ClaimOpened", opened)["claim"])

    def claim_paid(self) -> tuple[int, int]:
        """The gas of opening a claim and of closing it."""
        opened, claim = self.open_claim()
        self.chain.wait(COURT.claim_window_seconds + 1)
        return opened, self._court("closeClaim", claim)["gasUsed"]

    def dispute(self, claim: tuple[Any, ...], together: bool) -> int:
        """The gas of a whole dispute that upholds the claim."""
        challenged = self._court("challenge", claim, sender=self.challenger.address)
        told = self.chain.event("ClaimCourt", "ClaimChallenged", challenged)
        case, dispute = (claim, _plain(told["challenge"])), "0x" + bytes(told["dispute"]).hex()
        self.chain.mine(COURT.seed_delay_blocks + 1)
        gas = challenged["gasUsed"] + (self._judge_together if together else self._judge)(case, dispute)
        self.chain.wait(COURT.open_seconds + COURT.appeal_seconds + 1)
        return gas + self._court("resolve", *case)["gasUsed"]

    def _judge(self, case: tuple[Any, Any], dispute: str) -> int:
        gas = self._court("draw", *case)["gasUsed"]
        for seat, juror in enumerate(self._panel(dispute)):
            gas += self._court("commitVerdict", *_verdict(dispute, seat), sender=juror)["gasUsed"]
        self.chain.wait(COURT.commit_seconds + 1)
        openings = (self._court("openVerdict", *_opening(dispute, seat)) for seat in range(SMALL_PANEL))
        return gas + sum(opened["gasUsed"] for opened in openings)

    def _judge_together(self, case: tuple[Any, Any], dispute: str) -> int:
        panel = self._foretold(lambda: self._court("draw", *case), dispute)
        seals = [self._sealed(dispute, seat, juror) for seat, juror in enumerate(panel)]
        gas = self._court("multicall", [self._encoded("draw", *case), *seals])["gasUsed"]
        self.chain.wait(COURT.commit_seconds + 1)
        openings = [self._encoded("openVerdict", *_opening(dispute, seat)) for seat in range(SMALL_PANEL)]
        return gas + self._court("multicall", openings)["gasUsed"]

    def _sealed(self, dispute: str, seat: int, juror: str) -> str:
        """The call that brings a juror's signed seal."""
        seal = VerdictSeal(dispute=dispute, round=0, seat=seat, verdict=_verdict(dispute, seat)[-1])
        signature = self._signed(self.chain.nodes[juror], seal)
        return self._encoded("commitVerdictBySignature", _values(seal), signature)

    def _foretold(self, draw: Callable[[], TxReceipt], dispute: str) -> list[str]:
        """Who will be drawn: draws, looks, and takes the draw back."""
        state = self.chain.cheat("evm_snapshot")
        draw()
        panel = self._panel(dispute)
        self.chain.cheat("evm_revert", state)
        for juror in panel:
            self.chain.impersonate(juror)
        return panel

    def _panel(self, dispute: str) -> list[str]:
        """The jurors' node keys by seat."""
        _, panel = self.chain.contracts["ClaimCourt"].functions.panelOf(dispute, 0).call()
        node_at = self.chain.contracts["GridRegistry"].functions.nodeAt
        jurors = [str(node_at(place).call()[0]) for place in places_of(panel, 0)]
        for juror in jurors:
            self.chain.impersonate(juror)
        return jurors

    def _item(self) -> tuple[JobOrder, tuple[Any, ...]]:
        self.serial += 1
        deadline = self.chain.web3.eth.get_block("latest")["timestamp"] + 24 * 3600
        order = JobOrder(
            buyer=self.buyer.address, operator=self.operator.address, specRoot=MerkleTree(SPECS).root(),
            tasks=len(SPECS), policy=1, replicas=1, budget=10**9, maximumPrices=PRICES, limits=LIMITS,
            deadline=deadline, nonce=self.serial,
        )  # fmt: skip
        lease = Lease(
            order=order.id(), task=0, attempt=0, spec=SPECS[0], ask="0x" + "00" * 32, epoch=1,
            serial=self.serial, node=self.node.address, prices=PRICES, minimumCharge=11,
            deadline=deadline, cap=lease_cap(PRICES, 11, LIMITS, LIMITS.inputBytes),
        )  # fmt: skip
        amount = receipt_charge(lease, USAGE)
        receipt = Receipt(lease=lease.id(), outcome=0, result=RESULT, usage=USAGE, amount=amount)
        by_operator, by_node = self._signed(self.operator, lease), self._signed(self.node, receipt)
        proof = MerkleTree(SPECS).proof(0)
        return order, (_values(lease), by_operator, _values(receipt), by_node, proof)

    def _court(self, function: str, *arguments: Any, sender: str | None = None) -> TxReceipt:
        return self.chain.call("ClaimCourt", function, *arguments, sender=sender)

    def _encoded(self, function: str, *arguments: Any) -> str:
        return str(self.chain.contracts["ClaimCourt"].encode_abi(function, args=list(arguments)))

    def _signed(self, signer: Any, message: Message) -> bytes:
        return bytes.fromhex(sign(signer, self.chain.domain, message)[2:])


def _verdict(dispute: str, seat: int) -> tuple[Any, ...]:
    return dispute, 0, seat, verdict_seal(dispute, 0, seat, work_hash(0, RESULT, USAGE), SALT)


def _opening(dispute: str, seat: int) -> tuple[Any, ...]:
    return dispute, 0, seat, 0, RESULT, USAGE.vector(), SALT


def _values(struct: Struct) -> tuple[Any, ...]:
    return tuple(_values(one) if isinstance(one, Struct) else one for one in dict(struct).values())


def _plain(fields: Any) -> tuple[Any, ...]:
    """A struct of an event as the tuple that a call takes."""
    return tuple(fields.values()) if hasattr(fields, "values") else tuple(fields)
