"""A node that claims its pay alone: the market leaves the receipt alone until the court has decided."""

from market.db.session import transaction
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JobState, PaymentState
from tests.integration.settlement.conftest import ALICE, NODE, OWNER, PURSE
from tests.integration.settlement.court import Court
from tests.integration.settlement.market import Market

CHARGE = 1
"""What the desk's prices make of its usage, in atoms, rounded up."""


def test_a_receipt_under_claim_is_not_proposed_says_why_and_is_settled_by_the_claim(market: Market) -> None:
    court = Court(market)
    receipt, other = market.desk.due(ALICE, NODE, CHARGE), market.desk.due(ALICE, NODE, 30)
    market.propose()
    claim = court.open_claim(receipt)
    market.world.index()
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, Reason.UNDER_CLAIM)
    assert market.desk.payment(other) is PaymentState.DUE
    market.wait(60)
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert (market.desk.payment(receipt), market.desk.payment(other)) == (
        PaymentState.DUE,
        PaymentState.SETTLED,
    )
    court.close(claim)
    market.world.index()
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.SETTLED, None)
    assert market.desk.job_state(receipt) is JobState.SETTLED
    for address in (ALICE.address, OWNER.address):
        assert market.world.account(address).balance == market.balance(address)
    assert market.balance(ALICE.address) == PURSE - 30 - CHARGE


def test_a_claim_undone_by_a_reorganisation_leaves_the_receipt_due(market: Market) -> None:
    court = Court(market)
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    claim = court.open_claim(receipt)
    market.world.index()
    court.close(claim)
    market.world.index()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    market.world.deployed.anvil.rpc("anvil_reorg", 3, [])
    market.world.index()
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, None)
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
