"""Disputes on a real chain as the market sees them: the ruling decides the receipt, money and stakes show."""

from typing import Any

import pytest

from market.db.tables.chain import AccountRow, ClaimRecordRow, PaidWordRow
from market.db.tables.connect import NodeRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import ClaimRow
from suanli.protocol.court import Ruling
from suanli.protocol.messages import Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JobState, PaymentState
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OWNER, PURSE
from tests.integration.settlement.court import RULES, Court
from tests.integration.settlement.market import Market

CHARGE = 1


@pytest.fixture
def court(market: Market) -> Court:
    """A court with enough jurors."""
    made = Court(market)
    made.add_jurors()
    market.world.index()
    return made


def dispute(court: Court, receipt: str, found: Receipt) -> None:
    """Bob challenges the node's claim; the jurors find what `found` says, and the dispute ends."""
    claim = court.open_claim(receipt)
    challenge, id_ = court.challenge(claim, BOB)
    court.market.world.index()
    row = court.market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, Reason.UNDER_CLAIM)
    court.judge(claim, challenge, id_, found)
    court.resolve(claim, challenge)
    court.market.world.index()


def check_money(market: Market) -> None:
    """What the market shows of accounts and stakes is what the chain says."""
    for row in market.world.rows(AccountRow):
        assert row["balance"] == market.balance(row["address"]), row["address"]
    for row in market.world.rows(NodeRow):
        assert row["stake"] == market.world.on_chain("GridRegistry", "nodeOf", row["node"])[2], row["node"]


def derived(market: Market) -> Any:
    """What comes from the chain, and what it decided about receipts."""
    tables = (AccountRow, NodeRow, PaidWordRow, ClaimRecordRow, ClaimRow)
    rows = market.world.rows(ReceiptRow)
    settled = [(row["id"], row["payment"], row["payment_reason"]) for row in rows]
    return [market.world.rows(table) for table in tables], settled


def test_a_claim_that_a_panel_lets_stand_settles_its_receipt(court: Court) -> None:
    market = court.market
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    dispute(court, receipt, market.desk.row(receipt).message)
    assert court.last("DisputeResolved")["ruling"] == Ruling.STANDS
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.SETTLED, None)
    assert market.desk.job_state(receipt) is JobState.SETTLED
    assert market.balance(ALICE.address) == PURSE - CHARGE
    assert market.balance(BOB.address) == PURSE - RULES.challenge_bond
    check_money(market)


def test_a_claim_that_a_panel_lets_fall_frees_its_receipt_and_costs_the_node_its_bond(court: Court) -> None:
    market = court.market
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    message = market.desk.row(receipt).message
    dispute(court, receipt, message.model_copy(update={"result": "0x" + "ee" * 32}))
    assert court.last("DisputeResolved")["ruling"] == Ruling.FALLS
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, None)
    (record,) = market.world.rows(ClaimRecordRow)
    assert not record["is_open"]
    assert market.balance(BOB.address) > PURSE
    check_money(market)
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED  # both may still agree
    check_money(market)


def test_a_dispute_without_a_panel_frees_the_receipt_for_netting_or_another_claim(market: Market) -> None:
    court = Court(market)
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    claim = court.open_claim(receipt)
    challenge, _ = court.challenge(claim, BOB)
    market.world.index()
    court.let_time_pass()
    court.resolve(claim, challenge)
    market.world.index()
    assert court.last("DisputeResolved")["ruling"] == Ruling.UNDECIDED
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, None)
    assert market.balance(BOB.address) == PURSE
    again = court.open_claim(receipt)
    court.close(again)
    market.world.index()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.balance(OWNER.address) == CHARGE
    check_money(market)


@pytest.mark.parametrize("result", ["the receipt's", "another"])
def test_a_dispute_is_rebuilt_from_the_first_block_as_it_was_followed_live(court: Court, result: str) -> None:
    market = court.market
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    message = market.desk.row(receipt).message
    changes = {} if result == "the receipt's" else {"result": "0x" + "ee" * 32}
    dispute(court, receipt, message.model_copy(update=changes))
    live = derived(market)
    market.world.indexer.forget(market.world.now)
    market.world.index()
    assert derived(market) == live


def test_a_ruling_that_a_reorganisation_takes_back_puts_the_receipt_under_claim_again(court: Court) -> None:
    market = court.market
    receipt = market.desk.due(ALICE, NODE, CHARGE)
    dispute(court, receipt, market.desk.row(receipt).message)
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    market.world.deployed.anvil.rpc("anvil_reorg", 1, [])
    market.world.index()
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, Reason.UNDER_CLAIM)
    check_money(market)
