"""Every balance is recomputed from events and calldata; what the chain's storage says otherwise is named."""

from collections.abc import Callable, Iterator
from functools import partial
from operator import add
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.audit.chain import Chain
from suanli.audit.finding import Finding
from suanli.audit.invariants import invariants
from suanli.protocol.messages import ReservationRelease
from suanli.protocol.signatures import sign
from tests.integration.anvil import Anvil
from tests.integration.audit_auction import SealedAuction
from tests.integration.audit_court import WORKS, Court, work_of
from tests.integration.audit_world import World, as_tuple, raw, task_of
from tests.unit.protocol.bundles import job
from tests.unit.protocol.strategies import KEYS

MOST_PLACES = 12
"""Storage variables that are looked at."""
STRANGER = KEYS[4]
NAMES = {
    *("balance", "epoch", "thaw", "module", "node", "stake", "node_list", "delegation", "former_delegation"),
    *("serials", "cancellation", "reservation", "auction", "award", "operator", "anchor", "claim", "claimed"),
    *("claimed_copies", "pause", "conservation", "solvency", "no_overdraft", "stakes", "bonds", "deposits"),
    *("claims", "locked_stake", "settlement_rules", "event_rules", "deployment", "fee_cap", "published"),
    *("court_rules", "panel_drawn", "verdict_kept", "fault_proved", "seal", "role", "function_role"),
    "authority",
}


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
    """Every exit, every kind of event that moves money or changes what a view tells."""
    for account in (world.cast.buyer, world.cast.owner, world.cast.operator, world.cast.node, STRANGER):
        world.endow(account)
    world.connect()
    court = Court(world)
    court.add_fleet()
    payments(world)
    claims(world, court)
    bidding(world)
    fault(world)
    parties(world)
    return world


def payments(world: World) -> None:
    """Batches, statements and rows by key and by delegate, a root, a statement from a reservation."""
    bundles = world.work("sweep", tasks=8)
    operator = world.cast.operator.address
    world.settle(1, *map(task_of, bundles[:2]))
    world.delegate(world.cast.buyer, operator, cap=10**9)
    world.settle(3, task_of(bundles[2]), buyer_key=world.cast.operator)
    world.delegate(world.cast.buyer, operator, cap=10**8, nonce=2)
    world.settle_statement(bundles[3:4])
    world.settle_statement(bundles[4:6], key=world.cast.operator)
    world.settle_root(4, bundles[6:])
    rows = world.work("rows", tasks=5)
    world.settle_rows(rows[:2], rows[2:3])
    world.settle_rows(rows[3:4], rows[4:], key=world.cast.operator)
    reserved = world.work("reserved", tasks=2)
    world.reserve(reserved[0])
    world.send("Bidding", "addReservation", raw(reserved[0].order.message.id()), 77, sender=STRANGER.address)
    world.settle_reserved(reserved[:1])
    order, remaining = reserved[0].order.message.id(), 10**5
    release = ReservationRelease(order=order, remaining=remaining)
    signature = raw(sign(world.cast.operator, world.domain, release))
    world.send("Bidding", "releaseEarly", as_tuple(release), signature)


def claims(world: World, court: Court) -> None:
    """Claims that are open, paid, disputed, fallen, upheld on appeal, returned; one ordered by a delegate."""
    buyer, owner, other = world.cast.buyer.address, world.cast.owner.address, WORKS["other"]
    bundles = world.work("claimed", tasks=2)
    _, closing = court.open_claims(bundles)
    court.close(closing)
    (delegated,) = world.work("delegated", tasks=1)
    signed = world.cast.signed(world.cast.operator, delegated.order.message)
    court.open_claims([delegated.model_copy(update={"order": signed})])
    for name, found in (("fallen", other), ("returned", None)):
        (claim,) = court.open_claims(world.work(name, tasks=1))
        challenge, dispute = court.challenge(claim, buyer)
        court.judge(claim, challenge, dispute, 0, found, found, None)
        court.resolve(claim, challenge)
    (bundle,) = world.work("appealed", tasks=1)
    (claim,) = court.open_claims([bundle])
    challenge, dispute = court.challenge(claim, STRANGER.address)
    court.judge(claim, challenge, dispute, 0, other, other, WORKS["unavailable"])
    court.escalate(claim, challenge, owner)
    honest = work_of(bundle.receipt.message)
    court.judge(
        claim, challenge, dispute, 1, honest, honest, honest, honest, other, None, WORKS["unavailable"]
    )
    court.resolve(claim, challenge)
    (claim,) = court.open_claims(world.work("disputed", tasks=1))
    court.challenge(claim, buyer)


def bidding(world: World) -> None:
    """An award with a claim, an auction without a winner, one that was taken back; cancellations; anchors."""
    auction = SealedAuction(world, job("auctioned", 3), world.cast.buyer)
    for place in (1, 2, 3):
        node, owner = fleet_member(world, place)
        auction.bid(node, owner, price=40_000 + 1_000 * place, hours=4 - place)
    auction.bid(world.cast.node.address, world.cast.node.address, price=7, hours=7)
    auction.award(opened=3)
    lost = SealedAuction(world, job("lost", 1), world.cast.buyer)
    lost.award(opened=0)
    open_ = SealedAuction(world, job("open", 1), world.cast.buyer)
    open_.bid(world.cast.node.address, world.cast.owner.address, price=5, hours=1)
    world.send("Bidding", "cancel", 41, sender=world.cast.buyer.address)
    world.send("Bidding", "cancelForNode", world.cast.node.address, 42, sender=world.cast.owner.address)
    world.send("EpochAnchors", "bond", sender=world.cast.operator.address)
    world.anchor(world.work("anchored", tasks=2))
    world.send("EpochAnchors", "unbond", sender=world.cast.operator.address)


def fault(world: World) -> None:
    """An operator that signs two anchors of one epoch loses its bond."""
    rogue = STRANGER
    world.send("EpochAnchors", "bond", sender=rogue.address)
    signed = [world.cast.anchor(world.work(name))[0].anchor.message for name in ("one face", "another")]
    pairs = [(as_tuple(one), raw(sign(rogue, world.domain, one))) for one in signed]
    (first, second), reporter = pairs, world.cast.owner.address
    world.send("EpochAnchors", "proveEquivocation", rogue.address, *first, *second, sender=reporter)


def fleet_member(world: World, place: int) -> tuple[str, str]:
    """A node of the fleet and its owner."""
    registry = world.contract("GridRegistry").functions
    node = registry.nodeAt(place).call()[0]
    return node, registry.ownerOf(node).call()


def parties(world: World) -> None:
    """Epochs, states of nodes, stakes, thaws, a pause."""
    buyer, owner, node = (one.address for one in (world.cast.buyer, world.cast.owner, world.cast.node))
    now = world.web3.eth.get_block("latest")["timestamp"]
    world.send("Settlement", "advanceEpoch", min(9, now), sender=buyer)
    world.send("GridRegistry", "drain", node, sender=owner)
    world.send("GridRegistry", "resume", node, sender=owner)
    world.send("GridRegistry", "addStake", node, 123, sender=owner)
    world.send("Ledger", "thaw", 5_000_000, sender=owner)
    world.send("Ledger", "withdraw", owner, sender=owner)
    world.send("Ledger", "thaw", 1_000_000, sender=buyer)
    world.send("GridRegistry", "pause")


@pytest.fixture
def world(module_world: World) -> Iterator[World]:
    with module_world.undone():
        yield module_world


def audit(world: World) -> Finding:
    chain = Chain(world.anvil.rpc_url, world.deployment)
    return invariants(chain, lambda what, done, total: None)


def change(world: World, view: tuple[Any, ...], bits: tuple[int, ...], changed: Callable[[int], int]) -> None:
    """Alters the storage word behind a view (contract, function, the mapping's keys) behind everybody's back.

    The word is found by its content, the view's values at their `bits`: where it lies may change. Settlement
    keeps a word of serials by one key, the space above the word's number.
    """
    name, function, *keys = view
    contract = world.contract(name)
    said = contract.functions[function](*keys).call()
    values = said if isinstance(said, list | tuple) else [said]
    word = sum(int(str(value), 0) << bit for value, bit in zip(values, bits, strict=False))
    stored_at = (int(keys[0], 16) << 96 | keys[1],) if function == "paidWord" else keys
    places = [slot(place, *stored_at) for place in range(MOST_PLACES)]
    stored = [int(world.anvil.rpc("eth_getStorageAt", contract.address, at, "latest"), 16) for at in places]
    assert word > 0
    assert stored.count(word) == 1, f"no one word of {name} holds what {function} says"
    world.anvil.rpc(
        "anvil_setStorageAt", contract.address, places[stored.index(word)], f"0x{changed(word):064x}"
    )
    world.anvil.mine()


def slot(place: int, *keys: str | int) -> str:
    """The storage slot of a mapping's value."""
    at = place.to_bytes(32, "big")
    for key in keys:
        at = keccak(encode(["address" if isinstance(key, str) else "uint256", "bytes32"], [key, at]))
    return "0x" + at.hex()


def test_a_deployment_in_which_everything_happened_verifies(world: World) -> None:
    finding = audit(world)
    assert finding.failed() == []
    assert finding.facts["settlements"] == 10
    assert {one.name for one in finding.checks} >= NAMES


def test_a_node_that_left_and_a_delegate_that_was_revoked_verify(world: World) -> None:
    node, owner, buyer = (one.address for one in (world.cast.node, world.cast.owner, world.cast.buyer))
    member, its_owner = fleet_member(world, 9)
    world.send("GridRegistry", "disconnect", member, sender=its_owner)
    world.send("GridRegistry", "disconnect", node, sender=owner)
    assert audit(world).passed
    world.later(10**4)
    world.send("GridRegistry", "release", member)
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
    assert finding.facts["settlements"] == 12


def test_an_altered_balance_is_named_with_its_account(world: World) -> None:
    buyer = world.cast.buyer.address
    change(world, ("Ledger", "accountOf", buyer), (0, 128), lambda word: word - 1)
    (wrong,) = audit(world).failed()
    assert wrong.name == "balance"
    assert buyer in wrong.detail


def test_each_altered_view_is_named(world: World) -> None:
    buyer, delegate = world.cast.buyer.address, world.cast.operator.address
    altered: list[tuple[str, tuple[Any, ...], tuple[int, ...], int]] = [
        ("epoch", ("Ledger", "accountOf", buyer), (0, 128), 1 << 128),
        ("thaw", ("Ledger", "thawingOf", buyer), (0, 128), 1),
        ("delegation", ("GridRegistry", "delegationOf", buyer, delegate), (0, 128, 192), 1),
        ("serials", ("Settlement", "paidWord", world.cast.node.address, 0), (0,), 1 << 255),
        ("operator", ("EpochAnchors", "operatorOf", delegate), (0, 96, 144, 192), 1),
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
