"""An auction from its opening to the last claim, typed by a buyer and by bidders while no market answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from suanli.direct.bids import load_bid
from suanli.protocol.documents import JobSpec
from tests.integration.audit_court import RULES
from tests.integration.audit_world import STAKE, TOKENS, World
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import Desk
from tests.unit.protocol.bundles import Cast, job

BUDGET, DEPOSIT = 100_000, 1_000
TIMES = ("--bids-for", "100s", "--opening-for", "1m40s", "--due-in", "1h")
MONEY = ("--budget", "0.1", "--deposit", "0.001", "--quality", "hours:10:0.00005")
WORK = {
    "outcome": 0,
    "result": "0x" + "ee" * 32,
    "usage": {"fuel": "1", "memoryFuel": "1", "ingress": "1", "egress": "1"},
}


@pytest.fixture
def rival(world: World) -> Cast:
    """A second bidder: an owner with money and one connected node."""
    owner, node = (Account.from_key(bytes([number]) * 32) for number in (60, 90))
    world.endow(owner, 2 * STAKE)
    world.endow(node, 1)
    cast = Cast(world.domain, owner=owner, node=node)
    world.connect(cast)
    return cast


def opened(desk: Desk, spec: JobSpec) -> str:
    """The id of an auction that the buyer opened for a job."""
    path = desk.folder / "job.json"
    path.write_bytes(spec.canonical())
    id_: str = desk.run(desk.world.cast.buyer, "auction", "open", *MONEY, *TIMES, "--job", str(path))[
        "auction"
    ]
    return id_


def bid(desk: Desk, cast: Cast, auction: str, price: str, hours: int) -> Any:
    """The owner seals a bid for its node."""
    words = ("--node", cast.node.address, "--price", price, "--quality", str(hours))
    return desk.run(cast.owner, "auction", "bid", auction, *words)


def papers(desk: Desk, node: LocalAccount, auction: str, tasks: int) -> Path:
    """A folder with the node's receipts for every task of its award."""
    folder = desk.folder / "papers"
    folder.mkdir()
    (desk.folder / "work.json").write_text(json.dumps(WORK))
    files = ("--job", str(desk.folder / "job.json"), "--work", str(desk.folder / "work.json"))
    for task in range(tasks):
        out = ("--out", str(folder / f"{task}.json"))
        desk.run(node, "claim", "sign", auction, "--task", str(task), *files, *out)
    return folder


def test_the_best_bid_wins_and_is_paid_by_claims(world: World, desk: Desk, rival: Cast) -> None:
    cast, auction = world.cast, opened(desk, job(tasks=3))
    assert desk.run(cast.buyer, "auction", "list", "--mine")[0]["phase"] == "BIDDING"
    assert bid(desk, cast, auction, "0.02", 1)["transaction"]
    assert bid(desk, cast, auction, "0.01", 9)["transaction"] is None  # one bid a node: this one is not kept
    bid(desk, rival, auction, "0.03", 2)
    waiting = desk.run(cast.owner, "auction", "reveal")
    assert (waiting[0]["transaction"], "after" in waiting[0]["why"]) == (None, True)
    world.later(101)
    for who in (cast, rival):
        assert desk.run(who.owner, "auction", "reveal", auction)[0]["transaction"]
        assert desk.run(who.owner, "auction", "reveal")[0]["why"] == "nothing to open"
    won = desk.run(cast.buyer, "auction", "award", auction)["award"]
    payment = 30_000 + 2 * 50 - 50  # what would have made its score the second's
    assert (won["node"], int(won["payment"])) == (cast.node.address, payment)

    folder = papers(desk, cast.node, auction, tasks=3)
    claimed = desk.run(cast.owner, "claim", "open", str(folder))
    assert [len(one["claims"]) for one in claimed["opened"]] == [3]
    assert {one["why"] for one in desk.run(cast.owner, "claim", "open", str(folder))["skipped"]} == {
        "it is claimed"
    }
    world.later(RULES.claim_window_seconds + 1)
    assert len(desk.run(cast.owner, "claim", "close")["closed"]) == 3
    settled = desk.run(cast.owner, "auction", "close", auction)
    assert settled["award"]["bond_settled"]
    assert desk.run(cast.owner, "auction", "close", auction)["transaction"] is None
    with clock_running(world.anvil):
        assert desk.run(cast.owner, "exit", "all", "--wait", "--poll", "0.2")["out"]
        assert desk.run(cast.buyer, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(cast.owner.address) == TOKENS + payment
    assert desk.tokens(cast.buyer.address) == TOKENS - payment


def test_a_bidder_who_leaves_opens_its_kept_bid_by_the_exit_alone(
    world: World, desk: Desk, rival: Cast
) -> None:
    """The salt is on disk before the seal is on chain; the exit finds it there and saves the deposit."""
    auction = opened(desk, job(tasks=3))
    bid(desk, world.cast, auction, "0.02", 1)
    bid(desk, rival, auction, "0.01", 1)
    kept = load_bid(desk.folder / world.cast.owner.address / "bids", auction, world.cast.node.address)
    assert kept is not None
    assert kept.price == 20_000
    places = {one["kind"]: one for one in desk.run(world.cast.owner, "exit", "status")["places"]}
    assert places["sealed bid"]["step"]["name"] == "revealBid"
    assert int(places["sealed bid"]["amount"]) == DEPOSIT
    world.later(101)
    desk.run(rival.owner, "auction", "reveal")
    assert "revealBid" in [one["step"] for one in desk.run(world.cast.owner, "exit", "all")["sent"]]
    with clock_running(world.anvil):
        assert desk.run(world.cast.owner, "exit", "all", "--wait", "--poll", "0.1")["out"]
    assert desk.tokens(world.cast.owner.address) == TOKENS


def test_a_deposit_whose_salt_is_elsewhere_is_named_with_its_end(world: World, desk: Desk) -> None:
    auction = opened(desk, job(tasks=3))
    bid(desk, world.cast, auction, "0.02", 1)
    for path in (desk.folder / world.cast.owner.address / "bids").iterdir():
        path.unlink()
    (choice,) = desk.run(world.cast.owner, "exit", "status")["choices"]
    shown = desk.run(world.cast.buyer, "auction", "show", auction)
    assert (choice["what"], choice["until"]) == ("open the bid where it was sealed", shown["reveal_until"])
    assert int(choice["stake"]) == DEPOSIT
    world.later(201)
    held = {one["kind"]: one for one in desk.run(world.cast.buyer, "exit", "status")["places"]}
    assert int(held["forfeited deposit"]["amount"]) == DEPOSIT
    assert desk.run(world.cast.buyer, "exit", "all")["out"]
    assert desk.tokens(world.cast.buyer.address) == TOKENS + DEPOSIT


def test_an_auction_without_bids_is_taken_back_by_its_buyer(world: World, desk: Desk) -> None:
    auction = opened(desk, job(tasks=3))
    refusal = desk.run(world.cast.owner, "auction", "close", auction, code=1)
    assert "NotBuyer" in refusal["detail"]
    assert desk.run(world.cast.buyer, "auction", "close", auction)["phase"] == "CLOSED"
    assert desk.run(world.cast.buyer, "auction", "close", auction)["transaction"] is None
    late = desk.run(
        world.cast.owner, "auction", "bid", auction, "--node", world.cast.node.address, "--price", "0.01",
        "--quality", "1", code=1,
    )  # fmt: skip
    assert late["reason"] == "STATE_CONFLICT"


def test_words_that_are_no_auction_are_refused_with_their_name(world: World, desk: Desk) -> None:
    buyer = world.cast.buyer
    for words, named in (
        (("auction", "show", "0x12"), "AUCTION"),
        (("auction", "open", "--budget", "1", "--deposit", "1"), "--job"),
        (("auction", "open", "--budget", "x", "--deposit", "1", "--spec-root", "0x" + "11" * 32,
          "--tasks", "1"), "--budget"),
        (("auction", "open", "--budget", "1", "--deposit", "1", "--spec-root", "0x" + "11" * 32,
          "--tasks", "1", "--quality", "hours"), "--quality"),
        (("auction", "open", "--budget", "1", "--deposit", "1", "--spec-root", "0x" + "11" * 32,
          "--tasks", "1", "--bids-for", "soon"), "--bids-for"),
    ):  # fmt: skip
        refusal = desk.run(buyer, *words, code=1)
        assert (refusal["reason"], named in refusal["detail"]) == ("SETTINGS_INVALID", True)
    missing = desk.run(buyer, "auction", "show", "0x" + "11" * 32, code=1)
    assert missing["reason"] == "NOT_FOUND"
