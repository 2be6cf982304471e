"""Buyer and node settle by a statement between themselves, with evidence files and no market."""

import json

from tests.integration.audit_world import TOKENS, World
from tests.integration.direct.conftest import Desk


def test_both_sides_make_check_sign_and_land_a_statement(world: World, desk: Desk) -> None:
    bundles = world.work("between", tasks=3)
    due = sum(one.receipt.message.amount for one in bundles)
    buyer, node, owner = world.cast.buyer, world.cast.node, world.cast.owner
    file, papers = ("--file", str(desk.folder / "statement.json")), str(world.evidence)
    made = desk.run(node, "statement", "make", *file, papers)
    assert (made["amount"], made["receipts"]) == (str(due), 3)
    unsigned = desk.run(owner, "statement", "settle", *file, code=1)
    assert unsigned["reason"] == "STATE_CONFLICT"
    stranger = desk.run(owner, "statement", "sign", *file, papers, code=1)
    assert stranger["reason"] == "NOT_AUTHORISED"
    desk.run(node, "statement", "sign", *file, papers)
    assert desk.run(buyer, "statement", "sign", *file, papers)["signed"] == {"buyer": True, "node": True}
    assert desk.run(owner, "statement", "settle", *file)["transaction"]
    assert desk.run(owner, "statement", "settle", *file)["transaction"] is None
    ledger = world.contract("Ledger").functions
    assert ledger.accountOf(buyer.address).call()[0] == TOKENS - due  # no fee
    nothing = desk.run(node, "statement", "make", *file, papers, code=1)
    assert nothing["reason"] == "EVIDENCE_MISSING"


def test_a_buyer_signs_no_sum_that_its_own_papers_do_not_say(world: World, desk: Desk) -> None:
    world.work("more", tasks=2)
    path = desk.folder / "statement.json"
    words = ("--file", str(path), str(world.evidence))
    desk.run(world.cast.node, "statement", "make", *words)
    paper = json.loads(path.read_text())
    paper["statement"]["amount"] = str(int(paper["statement"]["amount"]) + 1)
    path.write_text(json.dumps(paper))
    refusal = desk.run(world.cast.buyer, "statement", "sign", *words, code=1)
    assert refusal["reason"] == "EVIDENCE_CONTRADICTS"


def test_a_receipt_that_charges_too_much_is_in_no_statement(world: World, desk: Desk) -> None:
    (bundle,) = world.work("dear", tasks=1)
    dear = bundle.receipt.message.model_copy(update={"amount": bundle.receipt.message.amount + 1})
    signed = world.cast.signed(world.cast.node, dear)
    world.keep(bundle.model_copy(update={"receipt": signed}), bundle.receipt.message.id())
    words = ("--file", str(desk.folder / "statement.json"), str(world.evidence))
    refusal = desk.run(world.cast.buyer, "statement", "make", *words, code=1)
    assert refusal["reason"] == "EVIDENCE_CONTRADICTS"
    assert not (desk.folder / "statement.json").exists()


def test_a_buyer_pays_for_no_order_that_it_never_signed(world: World, desk: Desk) -> None:
    """A node and an operator make up an order between them, and everything that follows from it."""
    (bundle,) = world.work("made up", tasks=1)
    forged = world.cast.signed(world.cast.operator, bundle.order.message)
    world.keep(bundle.model_copy(update={"order": forged}), bundle.receipt.message.id())
    words = ("--file", str(desk.folder / "statement.json"), str(world.evidence))
    desk.run(world.cast.node, "statement", "make", *words)
    desk.run(world.cast.node, "statement", "sign", *words)
    refusal = desk.run(world.cast.buyer, "statement", "sign", *words, code=1)
    assert refusal["reason"] == "NOT_AUTHORISED"
