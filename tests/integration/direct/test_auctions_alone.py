"""What stands in auctions and bonds comes home by the command line alone."""

from eth_account.signers.local import LocalAccount

from tests.integration.audit_auction import BUDGET, DEPOSIT, SealedAuction
from tests.integration.audit_world import TOKENS, World
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import Desk
from tests.unit.protocol.bundles import job


def held(desk: Desk, who: LocalAccount) -> dict[str, tuple[int, str]]:
    """By kind of place: the amount and the next step."""
    shown = desk.run(who, "exit", "status")["places"]
    return {one["kind"]: (int(one["amount"]), one["step"]["name"]) for one in shown}


def test_an_auction_that_nobody_bids_in_is_taken_back(world: World, desk: Desk) -> None:
    buyer = world.cast.buyer
    SealedAuction(world, job(), buyer)
    assert held(desk, buyer)["auction budget"] == (BUDGET, "cancelAuction")
    assert desk.run(buyer, "exit", "all")["out"]
    assert desk.tokens(buyer.address) == TOKENS


def test_an_award_that_is_never_done_returns_to_the_buyer_with_the_bond(world: World, desk: Desk) -> None:
    buyer, owner, node = world.cast.buyer, world.cast.owner, world.cast.node
    auction = SealedAuction(world, job(), buyer)
    auction.bid(node.address, owner.address, price=20_000, hours=1)
    assert held(desk, buyer)["auction budget"] == (BUDGET, "award")
    assert held(desk, owner)["auction deposit"] == (DEPOSIT, "award")
    auction.award(opened=1)
    assert held(desk, buyer)["reservation"] == (BUDGET, "release")  # a lone bidder is paid the budget
    assert held(desk, owner)["auction deposit"] == (DEPOSIT, "settleBond")
    with clock_running(world.anvil):
        assert desk.run(owner, "exit", "all", "--wait", "--poll", "0.2")["out"]
        assert desk.run(buyer, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(owner.address) == TOKENS - DEPOSIT
    assert desk.tokens(buyer.address) == TOKENS + DEPOSIT


def test_an_operator_takes_its_bond_out(world: World, desk: Desk) -> None:
    operator = world.cast.operator
    world.endow(operator)
    world.send("EpochAnchors", "bond", sender=operator.address)
    assert held(desk, operator)["operator bond"][1] == "unbond"
    with clock_running(world.anvil):
        assert desk.run(operator, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(operator.address) == TOKENS
