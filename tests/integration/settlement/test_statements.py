"""What netting left over is paid by running totals that one buyer and one node sign."""

import pytest

from market.core.settlement import ProposalState
from market.db.session import transaction
from market.db.tables.chain import AccountRow
from market.db.tables.settle import StatementRow
from market.services import statements
from market.services.step import step
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JobState, PaymentState
from suanli.protocol.wire.common import Explanation
from tests.integration.conftest import FEE_RECIPIENT
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, OWNER, PURSE
from tests.integration.settlement.market import Market

DUE, PROPOSED, SENT, SETTLED = (
    PaymentState.DUE,
    PaymentState.PROPOSED,
    PaymentState.SENT,
    PaymentState.SETTLED,
)


def miss_twice(market: Market, *signers: object) -> None:
    """Two proposals that somebody lets pass."""
    for _ in range(2):
        market.propose()
        market.sign(*signers)  # type: ignore[arg-type]
        market.wait(6)
        market.sign(*signers)  # type: ignore[arg-type]
        market.world.sync()
        market.wait(100)


@pytest.fixture
def left_over(market: Market) -> tuple[Market, str]:
    """Alice's receipt at the node that kept silent, while her others were paid and consumed the epochs."""
    receipt = market.desk.due(ALICE, OTHER, 20)
    for _ in range(2):
        market.desk.due(ALICE, NODE, 10)
        market.propose()
        market.sign(ALICE, NODE)
        market.wait(6)
        market.sign(ALICE, NODE)
        market.world.sync()
        market.wait(100)
    assert market.desk.payment(receipt) is DUE
    return market, receipt


def test_a_receipt_that_netting_left_over_is_paid_by_statement(left_over: tuple[Market, str]) -> None:
    market, receipt = left_over
    before, fees = market.balance(ALICE.address), market.balance(FEE_RECIPIENT)
    market.propose()
    assert market.desk.payment(receipt) is PROPOSED
    market.sign_statements(ALICE, OTHER)
    assert market.desk.payment(receipt) is SENT
    market.world.sync()
    assert market.desk.payment(receipt) is SETTLED
    assert market.desk.job_state(receipt) is JobState.SETTLED
    assert market.balance(ALICE.address) == before - 20
    assert market.balance(FEE_RECIPIENT) == fees + 1
    assert market.world.account(ALICE.address).balance == before - 20


def test_statements_grow_and_pay_only_the_growth(left_over: tuple[Market, str]) -> None:
    market, first = left_over
    market.propose()
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    second = market.desk.due(ALICE, OTHER, 40)
    for _ in range(2):
        market.desk.due(ALICE, NODE, 10)
        market.propose()
        market.sign(ALICE, NODE)
        market.wait(6)
        market.sign(ALICE, NODE)
        market.world.sync()
        market.wait(100)
    before = market.balance(ALICE.address)
    market.propose()
    (row,) = market.open_statements(ALICE)
    assert (row.message.amount, row.message.receipts) == (60, 2)
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert {market.desk.payment(first), market.desk.payment(second)} == {SETTLED}
    assert market.balance(ALICE.address) == before - 40


def test_no_statement_while_a_batch_with_the_receipt_may_still_land(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 20)
    miss_twice(market, ALICE)
    market.propose()
    assert market.open_statements(ALICE) == []
    assert market.desk.payment(receipt) is PROPOSED  # netted again, under its epoch
    assert {batch.epoch for batch in market.batches()} == {1}


def test_a_buyer_frees_its_receipts_for_a_statement_by_advancing_its_epoch(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 20)
    miss_twice(market, ALICE)
    market.world.send(ALICE, "Settlement", "advanceEpoch", 1)
    market.world.sync()
    market.propose()
    market.sign_statements(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is SETTLED
    assert market.balance(OWNER.address) == 19


def test_a_refused_statement_ends_with_its_reason(left_over: tuple[Market, str]) -> None:
    market, receipt = left_over
    market.propose()
    (row,) = market.open_statements(OTHER)
    why = Explanation(reason=Reason.CHARGE_WRONG, detail="it was 21")
    with step(market.world.runtime) as session:
        statements.refuse_statement(session, row.id, OTHER.address, why, market.world.now)
    with transaction(market.world.runtime.engine) as session:
        row = session.get_one(StatementRow, row.id)
    assert (row.state, row.reason) == (ProposalState.FAILED, Reason.CHARGE_WRONG)
    assert market.desk.payment(receipt) is DUE


def test_a_statement_of_a_buyer_without_money_is_sent_again_when_there_is_some(
    left_over: tuple[Market, str],
) -> None:
    market, receipt = left_over
    market.propose()
    market.world.send(ALICE, "Ledger", "thaw", PURSE)
    market.world.deployed.anvil.rpc("evm_increaseTime", 3601)
    market.world.deployed.anvil.mine()
    market.world.send(ALICE, "Ledger", "withdraw", BOB.address)
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert market.desk.payment(receipt) is SENT
    market.world.fund(ALICE, 500)
    market.wait(30)
    market.world.sync()
    assert market.desk.payment(receipt) is SETTLED
    assert market.balance(ALICE.address) == 480


def refuse(market: Market, statement: str) -> None:
    why = Explanation(reason=Reason.CHARGE_WRONG, detail="it was 21")
    with step(market.world.runtime) as session:
        statements.refuse_statement(session, statement, OTHER.address, why, market.world.now)


def test_a_refused_statement_is_proposed_again_after_a_pause_and_paid(left_over: tuple[Market, str]) -> None:
    market, receipt = left_over
    market.propose()
    (row,) = market.open_statements(OTHER)
    refuse(market, row.id)
    market.propose()
    assert market.open_statements(OTHER) == []
    market.wait(market.world.runtime.settings.statement_pause_seconds)
    market.propose()
    (again,) = market.open_statements(OTHER)
    assert again.id == row.id
    market.propose()
    assert market.desk.payment(receipt) is PROPOSED
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert market.desk.payment(receipt) is SETTLED


def test_a_refused_statement_waits_while_its_buyer_cannot_pay_it(left_over: tuple[Market, str]) -> None:
    market, _ = left_over
    market.propose()
    (row,) = market.open_statements(OTHER)
    refuse(market, row.id)
    with transaction(market.world.runtime.engine) as session:
        session.get_one(AccountRow, ALICE.address).balance = 19
    market.wait(market.world.runtime.settings.statement_pause_seconds)
    market.propose()
    assert market.open_statements(OTHER) == []
