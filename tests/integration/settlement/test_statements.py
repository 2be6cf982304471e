"""What netting left over is paid by lists of receipts that one buyer and one node sign."""

import pytest

from market.core.settlement import ProposalState
from market.db.session import transaction
from market.db.tables.chain import AccountRow
from market.db.tables.settle import StatementRow
from market.services import statements
from market.services.step import step
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.signatures import sign
from suanli.protocol.states import JobState, PaymentState
from suanli.protocol.wire.common import Explanation
from tests.integration.conftest import FEE_RECIPIENT
from tests.integration.settlement.conftest import ALICE, BOB, OTHER, OTHER_OWNER, PURSE
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
    """Alice's receipt at the node that kept silent twice."""
    receipt = market.desk.due(ALICE, OTHER, 20)
    miss_twice(market, ALICE)
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
    assert market.balance(FEE_RECIPIENT) == fees  # it is the buyer's and the node's own agreement
    assert market.balance(OTHER_OWNER.address) == 20
    assert market.world.account(ALICE.address).balance == before - 20


def test_each_statement_pays_its_own_receipts(left_over: tuple[Market, str]) -> None:
    market, first = left_over
    market.propose()
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    second = market.desk.due(ALICE, OTHER, 40)
    miss_twice(market, ALICE)
    before = market.balance(ALICE.address)
    market.propose()
    (row,) = market.open_statements(ALICE)
    assert (row.message.amount, row.message.receipts) == (40, 1)
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert {market.desk.payment(first), market.desk.payment(second)} == {SETTLED}
    assert market.balance(ALICE.address) == before - 40


def test_a_longer_statement_replaces_one_that_has_not_landed(left_over: tuple[Market, str]) -> None:
    market, first = left_over
    market.propose()
    (short,) = market.open_statements(ALICE)
    market.sign_statements(OTHER)
    second = market.desk.due(ALICE, OTHER, 40)
    miss_twice(market, ALICE)
    market.propose()
    (row,) = market.open_statements(ALICE)
    assert (row.message.amount, row.message.receipts) == (60, 2)
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert {market.desk.payment(first), market.desk.payment(second)} == {SETTLED}
    assert market.balance(ALICE.address) == PURSE - 60
    with transaction(market.world.runtime.engine) as session:
        assert session.get_one(StatementRow, short.id).state is ProposalState.REPLACED


def test_a_replaced_statement_that_lands_by_other_hands_is_paid_once(left_over: tuple[Market, str]) -> None:
    market, first = left_over
    market.propose()
    (short,) = market.open_statements(ALICE)
    second = market.desk.due(ALICE, OTHER, 40)
    miss_twice(market, ALICE)
    market.propose()
    land(market, short, marks_of([0]))
    market.world.sync()
    assert (market.desk.payment(first), market.desk.payment(second)) == (SETTLED, DUE)
    market.propose()
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert market.desk.payment(second) is SETTLED
    assert market.balance(ALICE.address) == PURSE - 60


def test_a_statement_past_the_market_settles_the_receipts_of_its_serials(market: Market) -> None:
    receipts = [market.desk.due(ALICE, OTHER, 20), market.desk.due(ALICE, OTHER, 30)]
    unpaid = market.desk.due(ALICE, OTHER, 40)
    message = Statement(
        buyer=ALICE.address,
        node=OTHER.address,
        payee=OTHER_OWNER.address,
        amount=50,
        receipts=2,
        receiptsRoot=receipts_root(receipts),
        marks=marks_hash(marks_of([0, 1])),
    )
    row = StatementRow(
        id=message.id(), buyer=ALICE.address, node=OTHER.address, message=message, created_at=0
    )
    land(market, row, marks_of([0, 1]))
    market.world.sync()
    assert {market.desk.payment(one) for one in receipts} == {SETTLED}
    assert market.desk.payment(unpaid) is DUE
    market.propose()
    market.sign(ALICE, OTHER)
    market.world.sync()
    assert market.desk.payment(unpaid) is SETTLED
    assert market.balance(ALICE.address) == PURSE - 90


def land(market: Market, row: StatementRow, marks: bytes) -> None:
    """Alice and the node send a statement past the market."""
    statement = row.message
    values = tuple(
        bytes.fromhex(value[2:]) if isinstance(value, str) and len(value) == 66 else value
        for value in (getattr(statement, name) for name in type(statement).model_fields)
    )
    domain = market.world.runtime.domain
    signatures = [bytes.fromhex(sign(party, domain, statement)[2:]) for party in (ALICE, OTHER)]
    market.world.send(ALICE, "Settlement", "settleStatement", values, marks, *signatures)


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


def test_a_statement_of_a_buyer_without_money_is_proposed_again_when_there_is_some(
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
    market.wait(1)
    assert market.desk.payment(receipt) is SENT  # once more, alone
    market.world.sync()
    market.wait(1)
    assert market.desk.payment(receipt) is DUE
    market.world.fund(ALICE, 500)
    market.world.sync()
    market.wait(market.world.runtime.settings.statement_pause_seconds)
    market.propose()
    market.sign_statements(ALICE, OTHER)
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
