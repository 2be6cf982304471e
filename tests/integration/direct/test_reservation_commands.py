"""Reservations, bonds, delegations and orders by command, and what the exit does about each."""

import json

from suanli.client.record import Record
from suanli.protocol.deployment import DeploymentParameters
from suanli.protocol.messages import JobOrder
from tests.integration.audit_world import TOKENS, World
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import Desk
from tests.unit.protocol.bundles import job

BOND = DeploymentParameters.development("0x" + "11" * 20).operator_bond


def keep_order(world: World, desk: Desk) -> JobOrder:
    """An order in the record that the buyer's client would have written."""
    deployment = world.deployment
    folder = desk.folder / world.cast.buyer.address / "records"
    folder.mkdir(parents=True)
    record = Record(folder / f"{deployment.chain_id}-{deployment.ledger.lower()}.sqlite3")
    order = world.cast.order(job())
    record.add_order(order, None)
    record.close()
    return order


def test_a_buyer_reserves_for_an_order_of_its_record_and_the_guardian_returns_it(
    world: World, desk: Desk
) -> None:
    buyer, guardian, order = world.cast.buyer, world.cast.operator, keep_order(world, desk)
    world.endow(guardian)
    made = desk.run(buyer, "reserve", "open", order.id())
    assert (made["amount"], made["guardian"]) == (str(order.budget), guardian.address)
    again = desk.run(buyer, "reserve", "open", order.id())
    assert (again["amount"], again["transaction"]) == (str(order.budget), None)
    more = str(order.budget + 1000)
    assert desk.run(guardian, "reserve", "add", order.id(), "0.001")["amount"] == more
    assert [one["amount"] for one in desk.run(buyer, "reserve", "show")] == [more]
    early = desk.run(buyer, "reserve", "release", order.id(), code=1)
    assert "StillReserved" in early["detail"]
    stranger = desk.run(world.cast.owner, "reserve", "release", order.id(), "--leave", "0", code=1)
    assert stranger["reason"] == "NOT_AUTHORISED"
    assert desk.run(guardian, "reserve", "release", order.id(), "--leave", "0.002")["amount"] == "2000"
    assert desk.run(guardian, "reserve", "release", order.id(), "--leave", "0.002")["transaction"] is None


def test_the_exit_cancels_a_known_order_so_that_its_reservation_returns_sooner(
    world: World, desk: Desk
) -> None:
    buyer, order = world.cast.buyer, keep_order(world, desk)
    desk.run(buyer, "reserve", "open", order.id())
    (held,) = [one for one in desk.run(buyer, "exit", "status")["places"] if one["kind"] == "reservation"]
    assert held["step"]["name"] == "cancel"
    assert held["due_at"] < order.deadline
    with clock_running(world.anvil):
        assert desk.run(buyer, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(buyer.address) == TOKENS


def test_an_order_in_a_file_is_reserved_for_and_anothers_is_not(world: World, desk: Desk) -> None:
    signed = world.cast.signed(world.cast.buyer, world.cast.order(job()))
    path = desk.folder / "order.json"
    path.write_text(json.dumps(signed.model_dump(mode="json")))
    other = desk.run(world.cast.owner, "reserve", "open", str(path), code=1)
    assert other["reason"] == "NOT_AUTHORISED"
    less = desk.run(world.cast.buyer, "reserve", "open", str(path), "999.999999", code=1)
    assert less["reason"] == "BUDGET_TOO_SMALL"
    assert desk.run(world.cast.buyer, "reserve", "open", str(path), "1000.5")["amount"] == "1000500000"
    unknown = desk.run(world.cast.buyer, "reserve", "show", "0x" + "11" * 32, code=1)
    assert unknown["reason"] == "NOT_FOUND"


def test_who_leaves_takes_back_every_delegation_first(world: World, desk: Desk) -> None:
    buyer, delegate = world.cast.buyer, world.cast.operator.address
    world.delegate(buyer, delegate, cap=700)
    shown = desk.run(buyer, "exit", "status")["places"]
    assert [(one["kind"], one["amount"], one["at_risk"]) for one in shown] == [
        ("delegation", "700", True),
        ("balance", str(TOKENS), False),
    ]
    sent = [one["step"] for one in desk.run(buyer, "exit", "all")["sent"]]
    assert sent == ["revoke", "thaw", "withdraw"]
    assert desk.tokens(buyer.address) == TOKENS


def test_batches_that_were_signed_and_not_landed_are_killed(world: World, desk: Desk) -> None:
    buyer = world.cast.buyer
    first = int(desk.run(buyer, "exit", "void")["epoch"])
    ledger = world.contract("Ledger").functions
    assert ledger.accountOf(buyer.address).call()[1] == first > 0


def test_an_owner_cancels_the_ask_of_its_node(world: World, desk: Desk) -> None:
    owner, node = world.cast.owner, world.cast.node.address
    assert desk.run(owner, "exit", "cancel", "1", "--node", node)["transaction"]
    assert desk.run(owner, "exit", "cancel", "1", "--node", node)["transaction"] is None
    assert world.contract("Bidding").functions.cancelledAt(node, 1).call() > 0


def test_an_operator_bonds_keeps_and_withdraws_its_bond(world: World, desk: Desk) -> None:
    operator = world.cast.operator
    world.endow(operator)
    assert desk.run(operator, "operator", "bond")["amount"] == str(BOND)
    assert desk.run(operator, "operator", "bond")["transaction"] is None
    assert desk.run(operator, "operator", "unbond")["releasable_at"]
    assert desk.run(operator, "operator", "unbond")["transaction"] is None
    assert desk.run(operator, "operator", "bond")["releasable_at"] is None  # it stays
    free_at = desk.run(operator, "operator", "unbond")["releasable_at"]
    early = desk.run(operator, "operator", "withdraw-bond", code=1)
    assert "StillUnbonding" in early["detail"]
    world.later(free_at - world.web3.eth.get_block("latest")["timestamp"])
    assert desk.run(operator, "operator", "withdraw-bond")["amount"] == "0"
    assert desk.run(operator, "operator", "withdraw-bond")["transaction"] is None
    assert desk.run(operator, "operator", "show", operator.address)["amount"] == "0"
