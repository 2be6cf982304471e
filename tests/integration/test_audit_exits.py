"""Claims, disputes, reservations, anchors: each is traced to its receipt, and what is wrong is named."""

from collections.abc import Iterator

import pytest

from suanli.audit.chain import Chain
from suanli.audit.finding import Finding
from suanli.audit.invariants import invariants
from suanli.protocol.evidence import EvidenceBundle
from tests.integration.anvil import Anvil
from tests.integration.audit_auction import BUDGET, LIFE, SealedAuction
from tests.integration.audit_court import WORKS, Court, work_of
from tests.integration.audit_world import World, raw, task_of
from tests.integration.test_audit_trace import audit, failed, path_of
from tests.unit.protocol.bundles import job
from tests.unit.protocol.strategies import KEYS

STRANGER = KEYS[4]
RECENT_BLOCKS = 256
"""So far back a contract sees the hash of a block without EIP-2935, whose contract keeps 8 191."""
BLOCK_HASHES = "0x0000F90827F1C53a10cb7A02335B175320002935"


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("exits")
    anvil = Anvil(folder)
    anvil.start()
    try:
        world = World(anvil, folder)
        for account in (world.cast.buyer, world.cast.owner, world.cast.operator):
            world.endow(account)
        world.connect()
        Court(world).add_fleet()
        yield world
    finally:
        anvil.kill()


@pytest.fixture
def world(module_world: World) -> Iterator[World]:
    """Buyer, owner and operator have money; the node and ten others of other owners are connected."""
    with module_world.undone():
        yield module_world


@pytest.fixture
def court(world: World) -> Court:
    return Court(world)


def sound(world: World, bundle: EvidenceBundle, *things: str) -> Finding:
    """Traces the things, order, lease and receipt, all of which must verify; the receipt's finding."""
    ids = [bundle.order.message.id(), bundle.lease.message.id(), bundle.receipt.message.id()]
    for thing in (*things, *ids):
        assert failed(audit(world, thing)) == set()
    return audit(world, ids[-1])


def test_an_unchallenged_claim_leads_to_its_receipt(world: World, court: Court) -> None:
    bundles = world.work("claimed", tasks=2)
    first, _ = court.open_claims(bundles)
    transaction = court.close(first)
    finding = sound(world, bundles[0], transaction)
    assert finding.facts["claim"] == "PAID"
    assert finding.facts["payment"] == transaction
    assert path_of(audit(world, transaction), ["transaction", "claim", "receipt", "lease", "order"])
    assert sound(world, bundles[1]).facts["claim"] == "OPEN"


@pytest.mark.parametrize(
    ("work", "state"), [("own", "PAID"), ("other", "FALLEN"), ("unavailable", "RETURNED")]
)
def test_a_dispute_pays_only_what_the_panel_found(world: World, court: Court, work: str, state: str) -> None:
    (bundle,) = world.work("disputed", tasks=1)
    (claim,) = court.open_claims([bundle])
    found = work_of(bundle.receipt.message) if work == "own" else WORKS[work]
    challenge, dispute = court.challenge(claim, world.cast.buyer.address)
    court.judge(claim, challenge, dispute, 0, found, None, found)
    transaction = court.resolve(claim, challenge)
    finding = sound(world, bundle, transaction, "0x" + dispute.hex())
    assert finding.facts["claim"] == state
    assert finding.facts["payment"] == (transaction if state == "PAID" else "not settled yet")


def test_a_panel_drawn_by_a_seed_that_was_named_anew_verifies(world: World, court: Court) -> None:
    (bundle,) = world.work("late", tasks=1)
    (claim,) = court.open_claims([bundle])
    challenge, dispute = court.challenge(claim, world.cast.buyer.address)
    world.anvil.rpc("anvil_setCode", BLOCK_HASHES, "0x")
    world.anvil.rpc("anvil_mine", hex(RECENT_BLOCKS + 2), "0x0")
    world.send("ClaimCourt", "rearm", claim, challenge)
    assert everything(world).failed() == []
    found = work_of(bundle.receipt.message)
    court.judge(claim, challenge, dispute, 0, found, found, found)
    assert everything(world).failed() == []
    assert sound(world, bundle, court.resolve(claim, challenge)).facts["claim"] == "PAID"


def test_an_appeal_decides_over_the_first_panel(world: World, court: Court) -> None:
    (bundle,) = world.work("appealed", tasks=1)
    (claim,) = court.open_claims([bundle])
    challenge, dispute = court.challenge(claim, world.cast.buyer.address)
    court.judge(claim, challenge, dispute, 0, WORKS["other"], WORKS["other"], None)
    court.escalate(claim, challenge, world.cast.owner.address)
    honest = work_of(bundle.receipt.message)
    court.judge(claim, challenge, dispute, 1, honest, honest, WORKS["other"], honest, honest, None, None)
    transaction = court.resolve(claim, challenge)
    assert sound(world, bundle, transaction).facts["claim"] == "PAID"


def test_a_claim_that_fell_may_be_paid_by_both_sides_later(world: World, court: Court) -> None:
    (bundle,) = world.work("agreed", tasks=1)
    (claim,) = court.open_claims([bundle])
    challenge, dispute = court.challenge(claim, world.cast.buyer.address)
    court.judge(claim, challenge, dispute, 0, WORKS["other"], WORKS["other"], WORKS["other"])
    court.resolve(claim, challenge)
    assert failed(audit(world, world.settle_statement([bundle]))) == set()


def test_a_reservation_pays_a_statement_and_a_claim(world: World, court: Court) -> None:
    bundles = world.work("reserved", tasks=2)
    world.reserve(bundles[0])
    transaction = world.settle_reserved(bundles[:1])
    sound(world, bundles[0], transaction)
    (claim,) = court.open_claims(bundles[1:])
    sound(world, bundles[1], court.close(claim))


def test_an_anchored_lease_stands_under_both_roots(world: World) -> None:
    world.send("EpochAnchors", "bond", sender=world.cast.operator.address)
    bundles = world.work("anchored", tasks=3)
    world.anchor(bundles)
    transaction = world.settle(1, *map(task_of, bundles))
    assert failed(audit(world, transaction)) == set()
    path = ["transaction", "batch", "receipt", "lease", "anchor"]
    assert path_of(audit(world, transaction), path) == world.cast.anchor(bundles)[0].anchor.message.id()


def test_an_anchor_that_leaves_the_lease_out_is_named(world: World) -> None:
    world.send("EpochAnchors", "bond", sender=world.cast.operator.address)
    (bundle,) = world.work("left out", tasks=1)
    world.anchor([bundle], matchRoot="0x" + "00" * 32)
    assert failed(audit(world, bundle.receipt.message.id())) == {"lease_matched"}


def test_an_anchor_that_is_not_the_one_on_chain_is_named(world: World) -> None:
    world.send("EpochAnchors", "bond", sender=world.cast.operator.address)
    (bundle,) = world.work("two faces", tasks=1)
    world.anchor([bundle], prices="0x" + "11" * 32)
    (other,) = world.cast.anchor([bundle])
    world.keep(bundle.model_copy(update={"anchor": other}))
    assert failed(audit(world, bundle.receipt.message.id())) == {"anchor_stored"}


def test_evidence_that_hides_the_anchor_is_named(world: World) -> None:
    world.send("EpochAnchors", "bond", sender=world.cast.operator.address)
    (bundle,) = world.work("hidden", tasks=1)
    world.anchor([bundle])
    world.keep(bundle)
    assert failed(audit(world, bundle.receipt.message.id())) == {"anchor_shown"}


def test_a_receipt_paid_by_claim_and_again_by_batch_is_named(world: World, court: Court) -> None:
    (bundle,) = world.work("greedy", tasks=1)
    (claim,) = court.open_claims([bundle])
    court.close(claim)
    transaction = world.settle(1, task_of(bundle, serial=999))
    assert failed(audit(world, transaction)) == {"serial_paid", "paid_once"}


def test_an_awards_bond_is_shared_by_what_was_claimed_of_it(world: World, court: Court) -> None:
    winner, owner = world.cast.node, world.cast.owner.address
    auction = SealedAuction(world, job("auctioned", 3), world.cast.buyer)
    auction.bid(winner.address, owner, price=30_001, hours=1)
    auction.award(opened=1)
    transaction = auction.claim(winner, owner, task=2, payment=BUDGET // 3 + BUDGET % 3)
    assert failed(audit(world, transaction)) == set()
    (said,) = court.events("ClaimOpened", transaction)
    assert failed(audit(world, court.close(said["claim"]))) == set()
    assert everything(world).passed
    world.later(LIFE + 2 * 3600)
    auction.settle_bond()
    world.send("Bidding", "release", raw(auction.id))
    assert everything(world).failed() == []


def everything(world: World) -> Finding:
    return invariants(Chain(world.anvil.rpc_url, world.deployment), lambda what, done, total: None)
