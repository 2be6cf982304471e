"""Every balance is recomputed from events and calldata; what the chain's storage says otherwise is named."""

from collections.abc import Callable, Iterator

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.audit.chain import Chain
from suanli.audit.finding import Finding
from suanli.audit.invariants import invariants
from tests.integration.anvil import Anvil
from tests.integration.audit_world import World, task_of

HALF = 1 << 128


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A deployment in which everything happened once."""
    folder = tmp_path_factory.mktemp("invariants")
    anvil = Anvil(folder)
    anvil.start()
    try:
        yield everything_happened(World(anvil, folder))
    finally:
        anvil.kill()


def everything_happened(world: World) -> World:
    cast = world.cast
    buyer, owner, node, operator = (one.address for one in (cast.buyer, cast.owner, cast.node, cast.operator))
    for account in (cast.buyer, cast.owner):
        world.endow(account)
    world.connect()
    bundles = world.work("sweep", tasks=6)
    world.settle(1, *map(task_of, bundles[:2]))
    world.delegate(cast.buyer, operator, cap=10**9)
    world.settle(3, task_of(bundles[2]), buyer_key=cast.operator)
    world.settle_statement(bundles[3:4])
    world.settle_statement(bundles[3:6])
    world.send("Settlement", "advanceEpoch", 9, sender=buyer)
    world.send("GridRegistry", "drain", node, sender=owner)
    world.send("GridRegistry", "resume", node, sender=owner)
    world.send("Ledger", "thaw", 5_000_000, sender=owner)
    world.send("Ledger", "withdraw", owner, sender=owner)
    world.send("Ledger", "thaw", 1_000_000, sender=buyer)
    return world


@pytest.fixture
def world(module_world: World) -> Iterator[World]:
    with module_world.undone():
        yield module_world


def audit(world: World) -> Finding:
    chain = Chain(world.anvil.rpc_url, world.deployment)
    return invariants(chain, lambda what, done, total: None)


def slot(place: int, *keys: str) -> str:
    """The storage slot of a mapping's value."""
    at = place.to_bytes(32, "big")
    for key in keys:
        at = keccak(encode(["address", "bytes32"], [key, at]))
    return "0x" + at.hex()


def change(world: World, contract: str, at: str, changed: Callable[[int], int]) -> None:
    """Alters one word of a contract's storage behind everybody's back."""
    before = int(world.anvil.rpc("eth_getStorageAt", contract, at, "latest"), 16)
    assert before != 0, "the slot is not the one that was meant"
    world.anvil.rpc("anvil_setStorageAt", contract, at, f"0x{changed(before):064x}")
    world.anvil.mine()


def test_a_deployment_in_which_everything_happened_verifies(world: World) -> None:
    finding = audit(world)
    assert finding.failed() == []
    assert finding.facts["settlements"] == 4
    names = {one.name for one in finding.checks}
    assert {"balance", "epoch", "thaw", "stake", "node", "delegation", "statement", "solvency"} <= names


def test_a_node_that_left_and_a_delegate_that_was_revoked_verify(world: World) -> None:
    node, owner, buyer = (one.address for one in (world.cast.node, world.cast.owner, world.cast.buyer))
    world.send("GridRegistry", "disconnect", node, sender=owner)
    assert audit(world).passed
    world.send("GridRegistry", "release", node)
    world.send("GridRegistry", "revoke", world.cast.operator.address, sender=buyer)
    assert audit(world).passed


def test_a_settlement_relayed_after_another_in_the_same_block_verifies(world: World) -> None:
    first, second = world.work("again", tasks=2)
    world.anvil.rpc("evm_setAutomine", False)
    for epoch, bundle in ((11, first), (12, second)):
        world.settle(epoch, task_of(bundle), wait=False)
    world.anvil.mine()
    world.anvil.rpc("evm_setAutomine", True)
    assert len(world.web3.eth.get_block("latest")["transactions"]) == 2
    finding = audit(world)
    assert finding.passed
    assert finding.facts["settlements"] == 6


def test_an_altered_balance_is_named_with_its_account(world: World) -> None:
    buyer = world.cast.buyer.address
    change(world, world.deployment.ledger, slot(ACCOUNTS, buyer), lambda word: word - 1)
    (wrong,) = audit(world).failed()
    assert wrong.name == "balance"
    assert buyer in wrong.detail


def test_an_altered_epoch_is_named(world: World) -> None:
    change(world, world.deployment.ledger, slot(ACCOUNTS, world.cast.buyer.address), lambda word: word + HALF)
    assert [one.name for one in audit(world).failed()] == ["epoch"]


def test_an_altered_thaw_is_named(world: World) -> None:
    change(world, world.deployment.ledger, slot(THAWS, world.cast.buyer.address), lambda word: word + 1)
    assert [one.name for one in audit(world).failed()] == ["thaw"]


def test_an_altered_stake_is_named(world: World) -> None:
    change(world, world.deployment.ledger, slot(STAKES, world.cast.owner.address), lambda word: word - 1)
    assert [one.name for one in audit(world).failed()] == ["stake"]


def test_an_altered_node_is_named(world: World) -> None:
    def other_owner(word: int) -> int:
        return word ^ 1

    change(world, world.deployment.registry, slot(NODES, world.cast.node.address), other_owner)
    assert [one.name for one in audit(world).failed()] == ["node"]


def test_an_altered_delegation_is_named(world: World) -> None:
    pair = (world.cast.buyer.address, world.cast.operator.address)
    change(world, world.deployment.registry, slot(GRANTS, *pair), lambda word: word + 1)
    assert [one.name for one in audit(world).failed()] == ["delegation"]


def test_an_altered_statement_total_is_named(world: World) -> None:
    pair = (world.cast.buyer.address, world.cast.node.address)
    change(world, world.deployment.settlement, slot(PAID, *pair), lambda word: word + 1)
    assert [one.name for one in audit(world).failed()] == ["statement"]


def test_missing_tokens_are_named(world: World) -> None:
    change(
        world, world.deployment.token, slot(TOKEN_BALANCES, world.deployment.ledger), lambda word: word - 1
    )
    assert [one.name for one in audit(world).failed()] == ["solvency"]


def test_a_gift_of_tokens_is_no_difference(world: World) -> None:
    world.send("TestToken", "faucet", world.deployment.ledger, 5)
    assert audit(world).passed


def test_a_foreign_contract_in_the_deployment_file_is_named(world: World) -> None:
    elsewhere = world.deployment.model_copy(update={"token": world.deployment.registry})
    chain = Chain(world.anvil.rpc_url, elsewhere)
    chain.token = Chain(world.anvil.rpc_url, world.deployment).token
    finding = invariants(chain, lambda what, done, total: None)
    assert [one.name for one in finding.failed()] == ["deployment"]


ACCOUNTS, THAWS, STAKES = 0, 1, 2
"""Storage places in Ledger."""
NODES, GRANTS = 0, 2
"""In GridRegistry."""
PAID = 0
"""In Settlement."""
TOKEN_BALANCES = 0
"""In TestToken."""
