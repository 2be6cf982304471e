"""Every balance is recomputed from events and calldata; what the chain's storage says otherwise is named."""

from collections.abc import Callable, Iterator
from functools import partial
from operator import add

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.audit.chain import Chain
from suanli.audit.finding import Finding
from suanli.audit.invariants import invariants
from tests.integration.anvil import Anvil
from tests.integration.audit_world import World, task_of

MOST_PLACES = 12
"""Storage variables that are looked at."""


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


def change(world: World, view: tuple[str, ...], bits: tuple[int, ...], changed: Callable[[int], int]) -> None:
    """Alters the storage word behind a view (contract, function, the mapping's keys) behind everybody's back.

    The word is found by its content, the view's values at their `bits`: where it lies may change.
    """
    name, function, *keys = view
    contract = world.contract(name)
    said = contract.functions[function](*keys).call()
    values = said if isinstance(said, list | tuple) else [said]
    word = sum(int(str(value), 0) << bit for value, bit in zip(values, bits, strict=False))
    places = [slot(place, *keys) for place in range(MOST_PLACES)]
    stored = [int(world.anvil.rpc("eth_getStorageAt", contract.address, at, "latest"), 16) for at in places]
    assert word > 0
    assert stored.count(word) == 1, f"no one word of {name} holds what {function} says"
    world.anvil.rpc(
        "anvil_setStorageAt", contract.address, places[stored.index(word)], f"0x{changed(word):064x}"
    )
    world.anvil.mine()


def slot(place: int, *keys: str) -> str:
    """The storage slot of a mapping's value."""
    at = place.to_bytes(32, "big")
    for key in keys:
        at = keccak(encode(["address", "bytes32"], [key, at]))
    return "0x" + at.hex()


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
    change(world, ("Ledger", "accountOf", buyer), (0, 128), lambda word: word - 1)
    (wrong,) = audit(world).failed()
    assert wrong.name == "balance"
    assert buyer in wrong.detail


def test_each_altered_view_is_named(world: World) -> None:
    buyer, owner, node, delegate = (
        key.address for key in (world.cast.buyer, world.cast.owner, world.cast.node, world.cast.operator)
    )
    altered: list[tuple[str, tuple[str, ...], tuple[int, ...], int]] = [
        ("epoch", ("Ledger", "accountOf", buyer), (0, 128), 1 << 128),
        ("thaw", ("Ledger", "thawingOf", buyer), (0, 128), 1),
        ("stake", ("Ledger", "stakeOf", owner), (0,), -1),
        ("node", ("GridRegistry", "nodeOf", node), (0, 160, 168), 1),
        ("delegation", ("GridRegistry", "delegationOf", buyer, delegate), (0, 128, 192), 1),
        ("statement", ("Settlement", "paidOf", buyer, node), (0,), 1),
        ("solvency", ("TestToken", "balanceOf", world.deployment.ledger), (0,), -1),
    ]
    for name, view, bits, by in altered:
        with world.undone():
            change(world, view, bits, partial(add, by))
            assert [one.name for one in audit(world).failed()] == [name]


def test_a_gift_of_tokens_is_no_difference(world: World) -> None:
    world.send("TestToken", "faucet", world.deployment.ledger, 5)
    assert audit(world).passed


def test_a_foreign_contract_in_the_deployment_file_is_named(world: World) -> None:
    elsewhere = world.deployment.model_copy(update={"token": world.deployment.registry})
    chain = Chain(world.anvil.rpc_url, elsewhere)
    chain.token = Chain(world.anvil.rpc_url, world.deployment).token
    finding = invariants(chain, lambda what, done, total: None)
    assert [one.name for one in finding.failed()] == ["deployment"]
