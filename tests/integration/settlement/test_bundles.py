"""Statements that are signed between two intervals land in one transaction; one bad hinders no other."""

import pytest

from market.db.tables.outbox import IntentKind, IntentRow
from market.services import bundles, statements
from market.services.step import step
from suanli.protocol.signatures import sign
from suanli.protocol.states import PaymentState
from suanli.protocol.wire.accounts import IntentState
from tests.integration.chain.world import key
from tests.integration.conftest import FEE_RECIPIENT
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, OTHER_OWNER, OWNER, PURSE
from tests.integration.settlement.market import Market

DUE, SENT, SETTLED = PaymentState.DUE, PaymentState.SENT, PaymentState.SETTLED
SILENT_TWICE = 2
WALLET = key(5)
ALWAYS_AGREES = "0x7f1626ba7e" + "00" * 28 + "60005260206000f3"
"""Code that returns the magic value of ERC-1271."""


@pytest.fixture
def left_over(market: Market) -> tuple[Market, list[str]]:
    """Three receipts of two buyers at two nodes, none of whom ever signs a batch."""
    receipts = [
        market.desk.due(ALICE, OTHER, 20),
        market.desk.due(BOB, OTHER, 30),
        market.desk.due(ALICE, NODE, 50),
    ]
    for _ in range(SILENT_TWICE):
        market.propose()
        market.wait(6)
        market.wait(100)
    market.propose()
    return market, receipts


def intents(market: Market) -> list[tuple[IntentKind, IntentState]]:
    return [(row["kind"], row["state"]) for row in market.world.rows(IntentRow)]


def payments(market: Market, receipts: list[str]) -> list[PaymentState | None]:
    return [market.desk.payment(one) for one in receipts]


def empty_bobs_account(market: Market) -> None:
    """Bob leaves with all his money."""
    market.world.send(BOB, "Ledger", "thaw", PURSE)
    market.world.deployed.anvil.rpc("evm_increaseTime", 3601)
    market.world.deployed.anvil.mine()
    market.world.send(BOB, "Ledger", "withdraw", BOB.address)


def test_statements_of_all_pairs_land_in_one_transaction(left_over: tuple[Market, list[str]]) -> None:
    market, receipts = left_over
    market.sign_statements(ALICE, BOB, NODE, OTHER)
    assert payments(market, receipts) == [SENT] * 3
    market.world.sync()
    assert payments(market, receipts) == [SETTLED] * 3
    assert intents(market) == [(IntentKind.SETTLE_STATEMENTS, IntentState.CONFIRMED)]
    assert len({market.desk.row(one).transaction for one in receipts}) == 1
    assert (market.balance(ALICE.address), market.balance(BOB.address)) == (PURSE - 70, PURSE - 30)
    assert (market.balance(OTHER_OWNER.address), market.balance(OWNER.address)) == (50, 50)
    for address in (ALICE.address, BOB.address, OWNER.address, OTHER_OWNER.address, FEE_RECIPIENT):
        assert market.world.account(address).balance == market.balance(address)


def test_one_statement_without_money_behind_it_is_told_apart_from_the_others(
    left_over: tuple[Market, list[str]],
) -> None:
    market, receipts = left_over
    market.sign_statements(ALICE, BOB, NODE, OTHER)
    empty_bobs_account(market)
    market.world.sync()
    assert payments(market, receipts) == [SENT] * 3
    for _ in range(3):  # alone; again, in case what is on its way changes anything; given up
        market.wait(1)
        market.world.sync()
    market.wait(1)
    assert payments(market, receipts) == [SETTLED, DUE, SETTLED]
    assert market.balance(OTHER_OWNER.address) == 20


def test_a_half_signed_statement_waits_and_the_rest_is_sent(left_over: tuple[Market, list[str]]) -> None:
    market, receipts = left_over
    market.sign_statements(ALICE, NODE, OTHER)
    market.world.sync()
    assert payments(market, receipts) == [SETTLED, PaymentState.PROPOSED, SETTLED]
    market.sign_statements(BOB)
    market.world.sync()
    assert payments(market, receipts) == [SETTLED] * 3


def test_a_delegates_signature_stands_in_a_bundle_and_draws_its_cap(
    left_over: tuple[Market, list[str]],
) -> None:
    market, receipts = left_over
    market.world.delegate(BOB, ALICE.address, 31)
    market.world.sync()
    (row,) = market.open_statements(BOB)
    signature = sign(ALICE, market.world.runtime.domain, row.message)
    with step(market.world.runtime) as session:
        statements.sign_statement(
            session, market.world.runtime, row.id, BOB.address, signature, market.world.now
        )
    market.sign_statements(OTHER)
    market.world.sync()
    assert payments(market, receipts)[1] is SETTLED
    assert intents(market)[-1] == (IntentKind.SETTLE_STATEMENTS, IntentState.CONFIRMED)
    assert market.world.on_chain("GridRegistry", "delegationOf", BOB.address, ALICE.address)[0] == 1


def test_a_delegate_that_is_revoked_before_the_bundle_leaves_hinders_no_other(
    left_over: tuple[Market, list[str]],
) -> None:
    market, receipts = left_over
    market.world.delegate(BOB, ALICE.address, 31)
    market.world.sync()
    (row,) = market.open_statements(BOB)
    signature = sign(ALICE, market.world.runtime.domain, row.message)
    with step(market.world.runtime) as session:
        statements.sign_statement(
            session, market.world.runtime, row.id, BOB.address, signature, market.world.now
        )
    market.world.send(BOB, "GridRegistry", "revoke", ALICE.address)
    market.world.index()
    market.sign_statements(ALICE, NODE, OTHER)
    market.world.sync()
    market.wait(1)
    assert payments(market, receipts) == [SETTLED, DUE, SETTLED]


def test_a_contract_wallets_statement_goes_alone_and_lands(market: Market) -> None:
    """It agrees to whatever it is asked (ERC-1271); what it is handed could be a key's signature."""
    market.world.fund(WALLET, PURSE)
    market.world.deployed.anvil.rpc("anvil_setCode", WALLET.address, ALWAYS_AGREES)
    market.world.index()
    receipt, other = market.desk.due(WALLET, OTHER, 20), market.desk.due(ALICE, OTHER, 30)
    for _ in range(SILENT_TWICE):
        market.propose()
        market.wait(6)
        market.wait(100)
    market.propose()
    (row,) = market.open_statements(WALLET)
    signature = sign(BOB, market.world.runtime.domain, row.message)
    with step(market.world.runtime) as session:
        statements.sign_statement(
            session, market.world.runtime, row.id, WALLET.address, signature, market.world.now
        )
    market.sign_statements(ALICE, OTHER)
    market.world.sync()
    assert payments(market, [receipt, other]) == [SETTLED] * 2
    assert {kind for kind, _ in intents(market)} == {
        IntentKind.SETTLE_STATEMENT,
        IntentKind.SETTLE_STATEMENTS,
    }
    assert market.balance(WALLET.address) == PURSE - 20


def test_nothing_signed_means_nothing_sent(left_over: tuple[Market, list[str]]) -> None:
    market, _ = left_over
    with step(market.world.runtime) as session:
        assert bundles.send_signed(session, market.world.runtime, market.world.now) == 0
    assert intents(market) == []


def test_a_landed_bundle_is_rebuilt_from_the_first_block(left_over: tuple[Market, list[str]]) -> None:
    market, receipts = left_over
    market.sign_statements(ALICE, BOB, NODE, OTHER)
    market.world.sync()
    market.world.indexer.forget(market.world.now)
    assert payments(market, receipts) == [SENT] * 3
    market.world.index()
    assert payments(market, receipts) == [SETTLED] * 3
