"""What the chain decides, as the market sees it: after a restart, after a reorganisation, from block zero."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from market.core.settlement import ProposalState
from market.db.tables.chain import AccountRow, DelegationRow, PaidWordRow
from market.db.tables.connect import NodeRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import BatchRow, StatementRow
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState, PaymentState
from suanli.protocol.wire.accounts import IntentState
from tests.integration.chain.world import STAKE, World, key, make_world
from tests.integration.conftest import FEE_RECIPIENT
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, OWNER, PURSE
from tests.integration.settlement.conftest import market as market  # the fixture
from tests.integration.settlement.conftest import populated_state as populated_state
from tests.integration.settlement.market import Market

DERIVED: tuple[type[SQLModel], ...] = (AccountRow, DelegationRow, PaidWordRow, NodeRow)
CAROL = key(4)


def derived(world: World) -> dict[str, list[dict[str, Any]]]:
    """Everything that comes from the chain alone."""
    rows = {table.__name__: world.rows(table) for table in DERIVED}
    settled = [
        (row["id"], row["payment"], row["epoch"], row["transaction"]) for row in world.rows(ReceiptRow)
    ]
    landed = [(row["id"], row["state"], row["block"]) for row in world.rows(BatchRow)]
    return rows | {"receipts": settled, "batches": landed}  # type: ignore[dict-item]


def settle_something(market: Market) -> str:
    """A receipt of Alice at the node, settled; the others only start."""
    receipt = market.desk.due(ALICE, NODE, 1000)
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    return receipt


def test_events_count_only_under_enough_confirmations(market: Market) -> None:
    world = market.world
    patient = make_world(
        world.deployed, world.runtime.engine, world.runtime.settings.data_dir, confirmations=3
    )
    patient.fund(CAROL, 500)
    world.deployed.anvil.mine(2)
    patient.index()
    assert patient.account(CAROL.address).balance == 0
    world.deployed.anvil.mine()
    patient.index()
    assert patient.account(CAROL.address).balance == 500


def test_a_node_goes_through_all_its_states(market: Market) -> None:
    world = market.world
    seen = []
    for function in ("drain", "resume", "disconnect"):
        world.send(OWNER, "GridRegistry", function, NODE.address)
        world.index()
        seen.append(world.rows(NodeRow))
    states = [{row["node"]: row["state"] for row in rows}[NODE.address] for rows in seen]
    assert states == [NodeState.DRAINING, NodeState.CONNECTED, NodeState.UNBONDING]
    world.deployed.anvil.rpc("evm_increaseTime", 8 * 24 * 3600)
    world.deployed.anvil.mine()
    world.send(BOB, "GridRegistry", "release", NODE.address)
    world.index()
    assert {row["node"]: row["state"] for row in world.rows(NodeRow)}[NODE.address] is NodeState.RELEASED
    account = world.account(OWNER.address)
    assert account.balance == STAKE


def test_thaw_and_withdrawal_show(market: Market) -> None:
    world = market.world
    world.send(ALICE, "Ledger", "thaw", 400)
    world.index()
    assert world.account(ALICE.address).thawing == 400
    world.deployed.anvil.rpc("evm_increaseTime", 3601)
    world.deployed.anvil.mine()
    world.send(ALICE, "Ledger", "withdraw", ALICE.address)
    world.index()
    account = world.account(ALICE.address)
    assert (account.balance, account.thawing) == (PURSE - 400, 0)


def test_a_payment_uses_up_the_delegation_behind_it(market: Market) -> None:
    world = market.world
    world.delegate(ALICE, world.runtime.operator.address, 5000)
    world.sync()
    market.desk.due(ALICE, NODE, 2000)
    market.propose()
    market.sign(NODE)
    world.sync()
    (row,) = world.rows(DelegationRow)
    assert row["remaining"] == 3000


def test_a_restarted_indexer_goes_on_where_the_last_one_stopped(market: Market) -> None:
    world = market.world
    before = world.indexer.indexed_block()
    world.fund(CAROL, 500)
    restarted = make_world(world.deployed, world.runtime.engine, world.runtime.settings.data_dir)
    restarted.index()
    assert restarted.account(CAROL.address).balance == 500
    assert (restarted.indexer.indexed_block() or 0) == (before or 0) + 3


def test_rebuilding_from_the_first_block_yields_what_was_followed_live(market: Market) -> None:
    world = market.world
    settle_something(market)
    world.delegate(BOB, world.runtime.operator.address, 77)
    world.sync()
    world.send(BOB, "Ledger", "thaw", 5)
    world.index()
    live = derived(world)
    world.indexer.forget(world.now)
    assert world.account(ALICE.address).balance == 0
    world.index()
    assert derived(world) == live


def test_small_ranges_yield_the_same_as_large_ones(market: Market, engine: Engine) -> None:
    world = market.world
    settle_something(market)
    live = derived(world)
    world.indexer.forget(world.now)
    folder = world.runtime.settings.data_dir
    make_world(world.deployed, engine, folder, index_blocks_maximum=1, reorganisation_depth=3).index()
    assert derived(world) == live


def test_after_a_reorganisation_a_settled_batch_is_sent_again_and_settles_once(market: Market) -> None:
    world = market.world
    receipt = settle_something(market)
    first = market.desk.row(receipt).transaction
    world.deployed.anvil.rpc("anvil_reorg", 1, [])
    world.indexer.step(world.now)
    assert market.desk.payment(receipt) is PaymentState.SENT
    assert market.desk.row(receipt).transaction is None
    assert world.account(ALICE.address).balance == PURSE
    (batch,) = market.batches()
    assert (batch.state, batch.block) == (ProposalState.SENT, None)
    assert world.intent(batch.intent or "").state is IntentState.SENT
    world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.desk.row(receipt).transaction == first  # the same bytes
    assert market.balance(ALICE.address) == PURSE - 1000
    assert world.account(ALICE.address).balance == PURSE - 1000


def test_a_deep_reorganisation_undoes_everything_above_the_common_ancestor(market: Market) -> None:
    world = market.world
    before = {row["address"]: row["balance"] for row in world.rows(AccountRow)}
    receipt = settle_something(market)
    world.delegate(BOB, OTHER.address, 77)
    world.sync()
    world.fund(CAROL, 500)
    world.index()
    world.deployed.anvil.rpc("anvil_reorg", 5, [])  # batch, delegation, three transactions of Carol
    world.indexer.step(world.now)
    after = {row["address"]: row["balance"] for row in world.rows(AccountRow)}
    assert after == before | {CAROL.address: 0, FEE_RECIPIENT: 0}
    assert [row["remaining"] for row in world.rows(DelegationRow)] == [0]
    assert market.desk.payment(receipt) is PaymentState.SENT
    world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert [row["remaining"] for row in world.rows(DelegationRow)] == [77]


def test_a_chain_that_lost_everything_is_indexed_anew(market: Market) -> None:
    """A development chain restarted from an older state: nothing of what was indexed exists any more."""
    world = market.world
    receipt = settle_something(market)
    world.deployed.anvil.kill()
    world.deployed.anvil.state.unlink()
    world.deployed.anvil.start()
    world.deployed.anvil.mine(3)
    world.index()
    assert market.desk.payment(receipt) is PaymentState.SENT
    assert all(row["balance"] == 0 for row in world.rows(AccountRow))
    assert {row["state"] for row in world.rows(NodeRow)} == {NodeState.NONE}


def test_a_statement_undone_by_a_reorganisation_is_paid_once_in_the_end(market: Market) -> None:
    world = market.world
    receipt = market.desk.due(ALICE, NODE, 20)
    for _ in range(2):
        market.propose()
        market.wait(6)
        market.wait(100)
    world.send(ALICE, "Settlement", "advanceEpoch", 1)
    world.index()
    market.propose()
    market.sign_statements(ALICE, NODE)
    world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert [row["bits"][0] for row in world.rows(PaidWordRow)] == [1]
    world.deployed.anvil.rpc("anvil_reorg", 1, [])
    world.indexer.step(world.now)
    assert market.desk.payment(receipt) is PaymentState.SENT
    assert [row["bits"][0] for row in world.rows(PaidWordRow)] == [0]
    world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert [row["state"] for row in world.rows(StatementRow)] == [ProposalState.SETTLED]
    assert market.balance(ALICE.address) == PURSE - 20


def test_a_transaction_that_reverts_when_mined_fails_with_the_contracts_error(world: World) -> None:
    """Two transactions of one block: the second finds the world changed by the first."""
    world.index()
    world.deployed.anvil.rpc("evm_setAutomine", False)
    intent = world.delegate(ALICE, BOB.address, 100, nonce=1)
    world.chain.endow(ALICE.address, 10**18)
    world.relay()
    world.deployed.anvil.rpc("evm_setNextBlockTimestamp", world.now + 7200)
    world.deployed.anvil.mine()
    world.index()
    row = world.intent(intent)
    assert (row.state, row.reason) == (IntentState.FAILED, Reason.CONTRACT_REVERTED)
    assert row.block is not None


def test_an_unreachable_chain_is_named(world: World) -> None:
    world.deployed.anvil.kill()
    with pytest.raises(ChainError) as gone:
        world.index()
    assert gone.value.reason is Reason.CHAIN_UNREACHABLE
