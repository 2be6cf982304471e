"""Signed messages on their way to the chain: what lands, what is refused and why, what a crash leaves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from market.db.queries import outbox
from market.db.session import transaction
from market.db.tables.connect import NodeRow
from market.db.tables.outbox import IntentKind, IntentRow, TransmissionRow
from market.services import accounts, connect
from market.services.step import step
from suanli.protocol.errors import ChainError, MarketError
from suanli.protocol.messages import Delegation
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import NodeState
from suanli.protocol.wire.accounts import DepositRequest, IntentState
from tests.integration.anvil import ROOT
from tests.integration.chain.world import ETHER, STAKE, World, key

ALICE, NODE, OWNER = key(2), key(11), key(21)


def delegation_of(world: World) -> tuple[int, int, int]:
    remaining, expiry, nonce = world.on_chain(
        "GridRegistry", "delegationOf", ALICE.address, world.runtime.operator.address
    )
    return remaining, expiry, nonce


def test_a_node_is_connected_without_gas_of_its_own(world: World) -> None:
    world.connect(NODE, OWNER)
    with transaction(world.runtime.engine) as session:
        row = session.get_one(NodeRow, NODE.address)
    assert (row.owner, row.state, row.stake) == (OWNER.address, NodeState.CONNECTED, STAKE)
    assert row.terms == world.terms(NODE, OWNER).terms
    with transaction(world.runtime.engine) as session:
        assert accounts.view(session, OWNER.address).staked == STAKE
    assert world.chain.nonce(NODE.address) == 0


def test_the_same_terms_are_sent_once_and_other_terms_of_the_same_node_refused(world: World) -> None:
    world.connect(NODE, OWNER)
    with step(world.runtime) as session:
        again = connect.connect(session, world.runtime, world.terms(NODE, OWNER), world.now)
        assert again.state is IntentState.CONFIRMED
        with pytest.raises(MarketError) as refused:
            connect.connect(session, world.runtime, world.terms(NODE, ALICE), world.now)
    assert refused.value.reason is Reason.MESSAGE_REPLAYED


@pytest.mark.parametrize("field", ["node_signature", "owner_signature"])
def test_terms_with_a_strangers_signature_are_refused_before_the_queue(world: World, field: str) -> None:
    good, other = world.terms(NODE, OWNER), world.terms(key(12), key(22))
    forged = good.model_copy(update={field: getattr(other, field)})
    with step(world.runtime) as session, pytest.raises(MarketError) as refused:
        connect.connect(session, world.runtime, forged, world.now)
    assert refused.value.reason is Reason.SIGNER_MISMATCH
    assert world.rows(IntentRow) == []


def test_what_the_contract_refuses_fails_with_its_error_and_costs_no_nonce(world: World) -> None:
    with step(world.runtime) as session:
        intent = connect.connect(session, world.runtime, world.terms(NODE, OWNER), world.now).id
    before = world.chain.nonce(world.runtime.operator.address)
    world.sync()
    row = world.intent(intent)
    assert (row.state, row.reason) == (IntentState.FAILED, Reason.CONTRACT_REVERTED)
    assert row.detail == f"BalanceTooSmall(account={OWNER.address}, balance=0, needed={STAKE})"
    assert world.chain.nonce(world.runtime.operator.address) == before


def test_a_failed_message_may_be_sent_again_when_its_cause_is_gone(world: World) -> None:
    request = world.terms(NODE, OWNER)
    for money in (0, STAKE):
        if money:
            world.fund(OWNER, money)
        with step(world.runtime) as session:
            intent = connect.connect(session, world.runtime, request, world.now).id
        world.sync()
    assert world.intent(intent).state is IntentState.CONFIRMED


def test_a_permit_that_expired_or_is_forged_moves_nothing(world: World) -> None:
    permit = DepositRequest(
        account=ALICE.address,
        amount=50_000,
        deadline=world.now - 1,
        v=27,
        r="0x" + "1" * 64,
        s="0x" + "2" * 64,
    )
    with step(world.runtime) as session, pytest.raises(MarketError) as refused:
        accounts.deposit(session, world.runtime, permit, world.now)
    assert refused.value.reason is Reason.MESSAGE_EXPIRED
    with step(world.runtime) as session:
        late = permit.model_copy(update={"deadline": world.now + 60})
        intent = accounts.deposit(session, world.runtime, late, world.now).id
    world.sync()
    assert world.intent(intent).state is IntentState.FAILED
    assert "PermitRefused" in (world.intent(intent).detail or "")


def test_the_faucet_gives_tokens_and_gas_once_at_a_time(world: World) -> None:
    with step(world.runtime) as session:
        first = accounts.faucet(session, world.runtime, ALICE.address, world.now).id
        assert accounts.faucet(session, world.runtime, ALICE.address, world.now).id == first
    world.sync()
    assert world.on_chain("TestToken", "balanceOf", ALICE.address) == world.runtime.settings.faucet_atoms
    assert world.chain.balance(ALICE.address) == ETHER


def test_while_the_chain_is_gone_messages_wait_and_land_later(world: World) -> None:
    world.index()
    world.deployed.anvil.stop()
    intent = world.delegate(ALICE, world.runtime.operator.address, 100)
    for what in (world.relay, world.index):
        with pytest.raises(ChainError) as gone:
            what()
        assert gone.value.reason is Reason.CHAIN_UNREACHABLE
    assert world.intent(intent).state is IntentState.QUEUED
    world.deployed.anvil.start()
    world.sync()
    assert world.intent(intent).state is IntentState.CONFIRMED
    assert delegation_of(world)[0] == 100


CRASH = """
import sys, os, signal
from pathlib import Path
from market.chain.client import Chain
from market.chain.relayer import Relayer
from market.runtime import Runtime
from market.db.session import create_engine
from market.settings import Settings
from suanli.protocol.deployment import from_text
from eth_account import Account
url, rpc, file, secret, when, now = sys.argv[1:]
class Mortal(Chain):
    def send(self, raw):
        if when == "before": os.kill(os.getpid(), signal.SIGKILL)
        super().send(raw)
        if when == "after": os.kill(os.getpid(), signal.SIGKILL)
deployment, operator = from_text(Path(file).read_text()), Account.from_key(secret)
runtime = Runtime(Settings(), create_engine(url), deployment, operator, None)
Relayer(runtime, Mortal(rpc)).step(float(now))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_relayer_killed_around_its_broadcast_neither_loses_nor_doubles(
    world: World, database_url: str, tmp_path: Path, when: str
) -> None:
    intent = world.delegate(ALICE, world.runtime.operator.address, 100)
    before = world.chain.nonce(world.runtime.operator.address)
    file = tmp_path / "deployment.json"
    file.write_text(world.runtime.deployment.model_dump_json())
    secret = "0x" + bytes(world.runtime.operator.key).hex()
    arguments = [database_url, world.chain.rpc_url, str(file), secret, when, str(world.now)]
    killed = subprocess.run([sys.executable, "-c", CRASH, *arguments], cwd=ROOT, check=False, env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    (stored,) = world.rows(TransmissionRow)
    assert stored["broadcast_at"] is None
    world.sync()
    (sent,) = world.rows(TransmissionRow)
    assert (sent["raw"], sent["hash"]) == (stored["raw"], stored["hash"])
    assert world.intent(intent).state is IntentState.CONFIRMED
    assert world.chain.nonce(world.runtime.operator.address) == before + 1
    assert delegation_of(world)[0] == 100


def test_a_stuck_transaction_gets_dearer_under_its_nonce_and_lands_once(world: World) -> None:
    world.deployed.anvil.rpc("evm_setAutomine", False)
    intent = world.delegate(ALICE, world.runtime.operator.address, 100)
    world.relay()
    world.now += 60
    world.relay()
    first, second = sorted(world.rows(TransmissionRow), key=lambda row: row["signed_at"])
    assert first["nonce"] == second["nonce"]
    assert second["fee"] * 100 >= first["fee"] * 110
    world.deployed.anvil.mine()
    world.index()
    row = world.intent(intent)
    assert (row.state, row.transaction) == (IntentState.CONFIRMED, second["hash"])


def test_an_intent_whose_nonce_another_program_used_gets_a_new_one(world: World) -> None:
    anvil, operator = world.deployed.anvil, world.runtime.operator
    anvil.rpc("evm_setAutomine", False)
    intent = world.delegate(ALICE, operator.address, 100)
    world.relay()
    anvil.rpc("anvil_dropTransaction", world.intent(intent).transaction)
    anvil.rpc("evm_setAutomine", True)
    world.send(operator, "TestToken", "faucet", operator.address, 1)
    world.now += 60
    world.relay()
    world.sync()
    assert world.intent(intent).state is IntentState.CONFIRMED
    assert delegation_of(world)[0] == 100


def queued_past_the_service(world: World, nonce: int) -> str:
    """A delegation of Alice's beside one under way, which the service would refuse; its intent."""
    delegation = Delegation(
        account=ALICE.address,
        delegate=world.runtime.operator.address,
        cap=200,
        expiry=world.now + 3600,
        nonce=nonce,
    )
    signature = sign(ALICE, world.runtime.domain, delegation)
    arguments = {"delegation": {"message": delegation.to_json(), "signature": signature}}
    with step(world.runtime) as session:
        return outbox.queue(session, IntentKind.DELEGATE, delegation.id(), arguments, world.now).id


def test_a_message_that_needs_an_earlier_one_waits_for_it(world: World) -> None:
    world.deployed.anvil.rpc("evm_setAutomine", False)
    first = world.delegate(ALICE, world.runtime.operator.address, 100, nonce=1)
    world.relay()
    second = queued_past_the_service(world, nonce=2)
    world.relay()
    world.deployed.anvil.mine()
    world.now += 5
    world.relay()
    world.deployed.anvil.mine()
    world.index()
    assert [world.intent(one).state for one in (first, second)] == [IntentState.CONFIRMED] * 2
    with transaction(world.runtime.engine) as session:
        nonces = session.exec(select(IntentRow.nonce).order_by(IntentRow.number)).all()  # type: ignore[arg-type]
    assert nonces[1] == (nonces[0] or 0) + 1


def test_an_intent_that_no_transaction_can_be_made_of_fails_and_holds_nobody_up(world: World) -> None:
    request = world.terms(NODE, OWNER).model_dump(mode="json") | {"owner_signature": "zz"}
    with step(world.runtime) as session:
        broken = outbox.queue(session, IntentKind.CONNECT, "0x" + "00" * 32, request, world.now).id
    behind = world.delegate(ALICE, world.runtime.operator.address, 5)
    world.sync()
    row = world.intent(broken)
    assert (row.state, row.reason) == (IntentState.FAILED, Reason.MESSAGE_MALFORMED)
    assert world.intent(behind).state is IntentState.CONFIRMED


def test_a_signature_that_is_no_hex_binds_no_account(world: World) -> None:
    assert world.runtime.authority(ALICE.address, b"\0" * 32, "zz") is False
