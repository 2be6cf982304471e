"""Claims and disputes on a market's chain, taken from their opening to their end by the people concerned."""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from market.db.session import transaction
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.court import places_of, verdict_seal, work_hash
from suanli.protocol.court_rules import SMALL_PANEL, CourtRules
from suanli.protocol.eip712 import Message, Struct
from suanli.protocol.messages import Receipt
from suanli.protocol.signatures import sign
from tests.integration.chain.world import key
from tests.integration.settlement.conftest import ALICE, NODE, OTHER, OWNER
from tests.integration.settlement.market import Market

RULES = CourtRules.development()
SALT = b"\x05" * 32
FIRST_JUROR, FIRST_JUROR_OWNER = 50, 80

Told = dict[str, Any]
"""What an event says."""


def values(part: Any) -> Any:
    """A message as the contract takes it."""
    if isinstance(part, Struct):
        return tuple(values(getattr(part, name)) for name in type(part).model_fields)
    return bytes.fromhex(part[2:]) if isinstance(part, str) and len(part) == 66 else part


@dataclass
class Court:
    """The court as seen from a market's world."""

    market: Market

    def open_claim(self, receipt: str) -> Told:
        """The node claims its receipt from Alice; the claim as the event tells it."""
        with transaction(self.market.world.runtime.engine) as session:
            row = session.get_one(ReceiptRow, receipt)
            order, lease = (
                session.get_one(JobRow, row.job).order,
                session.get_one(LeaseRow, row.lease).message,
            )
            message = row.message
        operator = self.market.world.runtime.operator
        by_operator, by_node = self._signature(operator, lease), self._signature(NODE, message)
        item = (values(lease), by_operator, values(message), by_node, [])
        self._send(NODE, "openClaims", values(order), self._signature(ALICE, order), [item])
        return self.last("ClaimOpened")["claim"]  # type: ignore[no-any-return]

    def close(self, claim: Told) -> None:
        """The claim is paid after its window."""
        self._later(RULES.claim_window_seconds)
        self._send(OWNER, "closeClaim", tuple(claim.values()))

    def challenge(self, claim: Told, challenger: LocalAccount) -> tuple[Told, bytes]:
        """Somebody disputes the claim; the challenge and the dispute's id."""
        self._send(challenger, "challenge", tuple(claim.values()))
        told = self.last("ClaimChallenged")
        return told["challenge"], told["dispute"]

    def add_jurors(self) -> None:
        """So many nodes of other owners that a panel can be drawn."""
        for number in range(SMALL_PANEL):
            owner = key(FIRST_JUROR_OWNER + number)
            self.market.world.connect_past_the_market(key(FIRST_JUROR + number), owner)
        self._later(1)

    def judge(self, claim: Told, challenge: Told, dispute: bytes, found: Receipt) -> None:
        """A panel is drawn, and every juror finds what a receipt says."""
        anvil = self.market.world.deployed.anvil
        anvil.mine(RULES.seed_delay_blocks + 1)
        self._send(OWNER, "draw", tuple(claim.values()), tuple(challenge.values()))
        panel = places_of(self.last("PanelDrawn")["panel"], 0)
        fleet = [OTHER, *(key(FIRST_JUROR + number) for number in range(SMALL_PANEL))]
        jurors = {juror.address: juror for juror in fleet}
        nodes = [self.market.world.on_chain("GridRegistry", "nodeAt", place)[0] for place in panel]
        work = work_hash(found.outcome, found.result, found.usage)
        for seat, node in enumerate(nodes):
            seal = verdict_seal("0x" + dispute.hex(), 0, seat, work, "0x" + SALT.hex())
            juror = jurors[self.market.world.contracts.address(node)]
            self._send(juror, "commitVerdict", dispute, 0, seat, values(seal))
        self._later(RULES.commit_seconds)
        for seat in range(SMALL_PANEL):
            opened = (found.outcome, values(found.result), values(found.usage))
            self._send(OWNER, "openVerdict", dispute, 0, seat, *opened, SALT)
        self._later(RULES.open_seconds + RULES.appeal_seconds)

    def resolve(self, claim: Told, challenge: Told) -> None:
        """Anyone ends the dispute."""
        self._send(OWNER, "resolve", tuple(claim.values()), tuple(challenge.values()))

    def let_time_pass(self) -> None:
        """Nobody draws a panel until it is too late."""
        self._later(RULES.draw_seconds)

    def _send(self, sender: LocalAccount, function: str, *arguments: Any) -> None:
        self.market.world.send(sender, "ClaimCourt", function, *arguments)

    def last(self, name: str) -> Told:
        """The arguments of the court's newest event of a name."""
        contracts, chain = self.market.world.contracts, self.market.world.chain
        logs = chain.logs([contracts.addresses["ClaimCourt"]], 0, chain.head())
        said = [event for log in logs if (event := contracts.event(log)) and event.name == name]
        return dict(said[-1].arguments)

    def _later(self, seconds: int) -> None:
        self.market.world.deployed.anvil.rpc("evm_increaseTime", seconds + 1)
        self.market.world.deployed.anvil.mine()

    def _signature(self, who: LocalAccount, message: Message) -> bytes:
        return bytes.fromhex(sign(who, self.market.world.runtime.domain, message)[2:])
