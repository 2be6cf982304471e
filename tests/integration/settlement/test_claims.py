"""A node that claims its pay alone: the market leaves the receipt alone until the court has decided."""

from typing import Any

from eth_account.signers.local import LocalAccount

from market.db.session import transaction
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.eip712 import Message, Struct
from suanli.protocol.signatures import sign
from suanli.protocol.states import JobState, PaymentState
from tests.integration.settlement.conftest import ALICE, NODE, OWNER, PURSE
from tests.integration.settlement.market import Market

CHARGE = 1
"""What the desk's prices make of its usage, in atoms, rounded up."""
WINDOW_SECONDS = 120


def values(part: Any) -> Any:
    """A message as the contract takes it."""
    if isinstance(part, Struct):
        return tuple(values(getattr(part, name)) for name in type(part).model_fields)
    return bytes.fromhex(part[2:]) if isinstance(part, str) and len(part) == 66 else part


def signature(market: Market, who: LocalAccount, message: Message) -> bytes:
    return bytes.fromhex(sign(who, market.world.runtime.domain, message)[2:])


def open_claim(market: Market, receipt: str) -> dict[str, Any]:
    """The node claims its receipt; the claim as the event tells it."""
    with transaction(market.world.runtime.engine) as session:
        row = session.get_one(ReceiptRow, receipt)
        order, lease = session.get_one(JobRow, row.job).order, session.get_one(LeaseRow, row.lease).message
        message = row.message
    operator = market.world.runtime.operator
    item = (
        values(lease),
        signature(market, operator, lease),
        values(message),
        signature(market, NODE, message),
        [],
    )
    by_buyer = signature(market, ALICE, order)
    market.world.send(NODE, "ClaimCourt", "openClaims", values(order), by_buyer, [item])
    contracts, chain = market.world.contracts, market.world.chain
    logs = chain.logs([contracts.addresses["ClaimCourt"]], 0, chain.head())
    claim: dict[str, Any] = contracts.event(logs[-1]).arguments["claim"]  # type: ignore[union-attr]
    return claim


def close_claim(market: Market, claim: dict[str, Any]) -> None:
    market.world.deployed.anvil.rpc("evm_increaseTime", WINDOW_SECONDS + 1)
    market.world.send(OWNER, "ClaimCourt", "closeClaim", tuple(claim.values()))


def test_a_receipt_under_claim_is_not_proposed_and_is_settled_by_the_claim(market: Market) -> None:
    receipt, other = market.desk.due(ALICE, NODE, CHARGE), market.desk.due(ALICE, NODE, 30)
    market.propose()
    claim = open_claim(market, receipt)
    market.world.index()
    assert (market.desk.payment(receipt), market.desk.payment(other)) == (PaymentState.DUE, PaymentState.DUE)
    market.wait(60)
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert (market.desk.payment(receipt), market.desk.payment(other)) == (
        PaymentState.DUE,
        PaymentState.SETTLED,
    )
    close_claim(market, claim)
    market.world.index()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.desk.job_state(receipt) is JobState.SETTLED
    for address in (ALICE.address, OWNER.address):
        assert market.world.account(address).balance == market.balance(address)
    assert market.balance(ALICE.address) == PURSE - 30 - CHARGE


def test_a_claim_undone_by_a_reorganisation_leaves_the_receipt_due(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    claim = open_claim(market, receipt)
    market.world.index()
    close_claim(market, claim)
    market.world.index()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    market.world.deployed.anvil.rpc("anvil_reorg", 2, [])
    market.world.index()
    assert market.desk.payment(receipt) is PaymentState.DUE
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.balance(ALICE.address) == PURSE - CHARGE


def test_an_order_cancelled_on_chain_ends_its_job(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    with transaction(market.world.runtime.engine) as session:
        job = session.get_one(JobRow, session.get_one(ReceiptRow, receipt).job)
        job.state, nonce = JobState.RUNNING, job.nonce
    market.world.send(ALICE, "Bidding", "cancel", nonce)
    market.world.index()
    assert market.desk.job_state(receipt) is JobState.CANCELLED
