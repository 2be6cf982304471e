"""Money that a buyer set aside for one order: statements draw on it, and the rest comes back early."""

from market.db.session import transaction
from market.db.tables.chain import ReservationRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.db.tables.outbox import IntentKind, IntentRow
from market.db.tables.settle import StatementRow
from market.services import accounts
from suanli.protocol.messages import JobOrder, ReservationRelease
from suanli.protocol.reservations import reservation_account
from suanli.protocol.signatures import sign
from suanli.protocol.states import JobState, LeaseState, PaymentState
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, OTHER_OWNER, OWNER, PURSE
from tests.integration.settlement.court import Court, values
from tests.integration.settlement.market import Market

RESERVED = 500_000
"""The budget of each order."""


def order_of(market: Market, receipt: str) -> JobOrder:
    """The order behind a receipt."""
    with transaction(market.world.runtime.engine) as session:
        return session.get_one(JobRow, market.desk.row(receipt).job).order


def reserve(market: Market, receipt: str) -> str:
    """Alice sets money aside for the order behind a receipt; the account it lies in."""
    order = order_of(market, receipt)
    market.world.send(ALICE, "Bidding", "reserve", values(order), order.budget, b"")
    market.world.index()
    account = reservation_account(order.id())
    assert market.world.on_chain("Bidding", "reservationAccount", values(order.id())) == account.lower()
    return account


def return_early(market: Market, receipt: str, remaining: int) -> None:
    """The market, as the guardian, gives all but `remaining` back."""
    release = ReservationRelease(order=order_of(market, receipt).id(), remaining=remaining)
    signature = sign(market.world.runtime.operator, market.world.runtime.domain, release)
    market.world.send(ALICE, "Bidding", "releaseEarly", values(release), bytes.fromhex(signature[2:]))
    market.world.index()


def settle_round(market: Market) -> None:
    """An interval with everybody's signatures."""
    market.wait(60)
    market.propose()
    market.sign(ALICE, BOB, NODE, OTHER)
    market.sign_statements(ALICE, BOB, NODE, OTHER)
    market.world.sync()


def committed(market: Market) -> int:
    with transaction(market.world.runtime.engine) as session:
        return accounts.view(session, ALICE.address).committed


def test_a_reservation_pays_its_order_by_statement_and_returns_the_rest_early(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    account = reserve(market, receipt)
    assert market.balance(ALICE.address) == PURSE - RESERVED
    market.propose()
    assert market.batches() == []
    settle_round(market)
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.desk.job_state(receipt) is JobState.SETTLED
    assert market.balance(OWNER.address) == 1000
    assert market.world.account(account).balance == market.balance(account) == RESERVED - 1000
    settle_round(market)
    assert market.balance(account) == 0
    for address in (ALICE.address, account):
        assert market.world.account(address).balance == market.balance(address)
    assert market.balance(ALICE.address) == PURSE - 1000
    settle_round(market)
    assert kinds(market).count(IntentKind.RELEASE_RESERVATION) == 1


def kinds(market: Market) -> list[IntentKind]:
    return [row["kind"] for row in market.world.rows(IntentRow)]


def test_what_a_reservation_does_not_cover_is_paid_by_the_account(market: Market) -> None:
    receipt, other = market.desk.due(ALICE, NODE, 1000), market.desk.due(ALICE, OTHER, 500)
    account = reserve(market, receipt)
    return_early(market, receipt, 999)
    settle_round(market)
    assert {market.desk.payment(one) for one in (receipt, other)} == {PaymentState.SETTLED}
    assert (market.balance(account), market.balance(ALICE.address)) == (999, PURSE - 999 - 1500)
    assert IntentKind.SETTLE_RESERVED not in kinds(market)


def test_a_reservation_pays_for_no_other_order(market: Market) -> None:
    receipt, other = market.desk.due(ALICE, NODE, 1000), market.desk.due(ALICE, OTHER, 500)
    account = reserve(market, receipt)
    settle_round(market)
    assert {market.desk.payment(one) for one in (receipt, other)} == {PaymentState.SETTLED}
    assert market.balance(account) == RESERVED - 1000
    assert market.balance(OTHER_OWNER.address) == 500 * 95 // 100  # by netting, with the fee


def test_what_a_node_might_still_claim_stays_reserved(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    account = reserve(market, receipt)
    with transaction(market.world.runtime.engine) as session:
        lease = session.get_one(LeaseRow, market.desk.row(receipt).lease)
        lost = lease.message.model_copy(update={"attempt": 1, "serial": 7})
        session.add(
            LeaseRow(
                **lease.model_dump(exclude={"id", "attempt", "serial", "message", "state", "cap"}),
                id=lost.id(),
                attempt=1,
                serial=7,
                message=lost,
                state=LeaseState.LOST,
                cap=3000,
            )
        )
    settle_round(market)
    settle_round(market)
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.balance(account) == 3000
    assert market.balance(ALICE.address) == PURSE - 1000 - 3000


def test_a_claim_on_a_reserved_order_is_paid_out_of_the_reservation_and_shown(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 1)
    account = reserve(market, receipt)
    court = Court(market)
    claim = court.open_claim(receipt)
    market.world.index()
    assert claim["payer"] == account
    assert market.world.account(account).balance == RESERVED - 1
    settle_round(market)
    assert market.balance(account) == RESERVED - 1  # nothing is released while the court has not decided
    court.close(claim)
    market.world.index()
    settle_round(market)
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert (market.balance(account), market.balance(ALICE.address)) == (0, PURSE - 1)


def test_a_draw_that_somebody_emptied_the_reservation_for_falls_back_to_the_account(market: Market) -> None:
    """The deadline and the grace pass, and Alice has the money returned while the statement is on its way."""
    receipt = market.desk.due(ALICE, NODE, 1000)
    account = reserve(market, receipt)
    market.propose()
    market.sign_statements(ALICE, NODE)
    market.world.deployed.anvil.rpc("evm_increaseTime", 3 * 3600)
    market.world.deployed.anvil.mine()
    market.world.send(ALICE, "Bidding", "release", values(order_of(market, receipt).id()))
    market.world.sync()
    assert market.balance(account) == 0
    market.wait(1)
    assert market.desk.payment(receipt) is PaymentState.DUE
    market.wait(market.world.runtime.settings.statement_pause_seconds)
    settle_round(market)
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.balance(ALICE.address) == PURSE - 1000


def test_reserved_money_is_not_counted_as_taken_from_the_account(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    assert committed(market) == 1000
    reserve(market, receipt)
    assert committed(market) == 0
    return_early(market, receipt, 400)
    assert committed(market) == 600


def test_a_reorganisation_takes_a_reservation_back(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    account = reserve(market, receipt)
    assert [row["account"] for row in market.world.rows(ReservationRow)] == [account]
    market.world.deployed.anvil.rpc("anvil_reorg", 1, [])
    market.world.index()
    assert market.world.rows(ReservationRow) == []
    assert market.world.account(account).balance == 0
    settle_round(market)
    assert market.world.rows(StatementRow) == []
    assert market.desk.payment(receipt) is PaymentState.SETTLED
