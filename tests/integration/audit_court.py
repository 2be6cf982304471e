"""Claims and disputes in a test's world, from their opening to their end."""

from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from web3.logs import DISCARD

from suanli.protocol.court_rules import LARGE_PANEL, SMALL_PANEL, CourtRules
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import Receipt, Usage
from suanli.protocol.values import Address, Hash
from tests.integration.audit_world import STAKE, World, as_tuple, raw
from tests.unit.protocol.bundles import Cast

RULES = CourtRules.development()
SALT = b"\x05" * 32
COMPLETED, UNAVAILABLE = 0, 2
WORKS = {
    "other": (COMPLETED, "0x" + "ee" * 32, Usage(fuel=1, memoryFuel=1, ingress=1, egress=1)),
    "unavailable": (UNAVAILABLE, "0x" + "00" * 32, Usage(fuel=0, memoryFuel=0, ingress=0, egress=0)),
}
"""What jurors may find besides the receipt's own work."""
Work = tuple[int, Hash, Usage]
Struct = tuple[Any, ...]
"""A struct as an event told it, to be handed in again."""


class Court:
    """The court of a world, with a fleet of nodes of owners who are no party."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_fleet(self, size: int = SMALL_PANEL + LARGE_PANEL) -> None:
        """Connects so many nodes, each of another owner."""
        for number in range(size):
            owner, node = (Account.from_key(bytes([first + number]) * 32) for first in (50, 80))
            self.world.endow(owner, 2 * STAKE)
            self.world.endow(node, 1)
            self.world.connect(Cast(self.world.domain, owner=owner, node=node))
        self.world.later(1)

    def open_claims(self, bundles: list[EvidenceBundle]) -> list[Struct]:
        """The node claims the receipts of one order; returns the claims as the events tell them."""
        order = bundles[0].order
        items = [
            (
                as_tuple(one.lease.message),
                raw(one.lease.signature),
                as_tuple(one.receipt.message),
                raw(one.receipt.signature),
                [raw(hash_) for hash_ in one.proof],
            )
            for one in bundles
        ]
        owner = bundles[0].terms.message.owner
        arguments = (as_tuple(order.message), raw(order.signature), items)
        hash_ = self.world.send("ClaimCourt", "openClaims", *arguments, sender=owner)
        return [said["claim"] for said in self.events("ClaimOpened", hash_)]

    def close(self, claim: Struct) -> Hash:
        """Pays a claim that nobody challenged, after its window."""
        self.world.later(RULES.claim_window_seconds + 1)
        return self.world.send("ClaimCourt", "closeClaim", claim)

    def challenge(self, claim: Struct, challenger: Address) -> tuple[Struct, Hash]:
        """Disputes a claim; returns the challenge and the dispute's id."""
        hash_ = self.world.send("ClaimCourt", "challenge", claim, sender=challenger)
        (said,) = self.events("ClaimChallenged", hash_)
        return said["challenge"], said["dispute"]

    def judge(
        self, claim: Struct, challenge: Struct, dispute: bytes, round_: int, *found: Work | None
    ) -> None:
        """Draws a panel whose seats find what is given, None for a juror who stays away."""
        self.world.later(1)
        self.world.later(1)
        (said,) = self.events("PanelDrawn", self.world.send("ClaimCourt", "draw", claim, challenge))
        seats = [(seat, work) for seat, work in enumerate(found) if work is not None]
        for seat, work in seats:
            sealed = _seal(dispute, round_, seat, work)
            juror = self._juror(said["panel"], seat)
            self.world.send("ClaimCourt", "commitVerdict", dispute, round_, seat, sealed, sender=juror)
        self.world.later(RULES.commit_seconds + 1)
        for seat, (outcome, result, usage) in seats:
            work = (outcome, raw(result), as_tuple(usage))
            self.world.send("ClaimCourt", "openVerdict", dispute, round_, seat, *work, SALT)
        self.world.later(RULES.open_seconds + 1)

    def escalate(self, claim: Struct, challenge: Struct, sender: Address) -> Hash:
        """Takes the dispute to the second panel."""
        return self.world.send("ClaimCourt", "escalate", claim, challenge, sender=sender)

    def resolve(self, claim: Struct, challenge: Struct) -> Hash:
        """Ends the dispute when its time is over."""
        self.world.later(RULES.appeal_seconds + 1)
        return self.world.send("ClaimCourt", "resolve", claim, challenge)

    def events(self, name: str, hash_: Hash) -> list[dict[str, Any]]:
        """The arguments of the court's events of one name in a transaction, structs as tuples."""
        receipt = self.world.web3.eth.get_transaction_receipt(hash_)  # type: ignore[arg-type]
        event = self.world.contract("ClaimCourt").events[name]()
        logs = event.process_receipt(receipt, errors=DISCARD)
        return [{key: _flat(value) for key, value in log["args"].items()} for log in logs]

    def _juror(self, panel: int, seat: int) -> Address:
        place = panel >> 32 * seat & 0xFFFFFFFF
        return str(self.world.contract("GridRegistry").functions.nodeAt(place).call()[0])


def work_of(receipt: Receipt) -> Work:
    """What the receipt says."""
    return receipt.outcome, receipt.result, receipt.usage


def _seal(dispute: bytes, round_: int, seat: int, work: Work) -> bytes:
    outcome, result, usage = work
    hashed = keccak(encode(["uint8", "bytes32", *["uint64"] * 4], [outcome, raw(result), *usage.vector()]))
    types = ["bytes32", "uint256", "uint256", "bytes32", "bytes32"]
    return keccak(encode(types, [dispute, round_, seat, hashed, SALT]))


def _flat(value: Any) -> Any:
    return tuple(value.values()) if hasattr(value, "values") else value
