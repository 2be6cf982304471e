"""Anyone takes an operator's bond by papers that convict it, as evidence services and clients keep them."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from suanli.client.record import Record
from suanli.protocol.anchoring import NOTHING, root_of
from suanli.protocol.deployment import DeploymentParameters
from suanli.protocol.eip712 import Message
from suanli.protocol.messages import EpochAnchor, InclusionPromise
from suanli.protocol.wire.common import Signed
from tests.integration.audit_world import World, as_tuple
from tests.integration.direct.conftest import Desk
from tests.unit.protocol.bundles import EPOCH, PRICES, job

ORDERS = ["0x" + f"{number:02x}" * 32 for number in (1, 2, 3, 4, 5)]


class Clerk:
    """Writes down what the operator signed, in the forms that other parts of Suanli keep."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.world, self.desk, self.cast = world, desk, world.cast
        world.endow(world.cast.operator, BOND)
        desk.run(world.cast.operator, "operator", "bond")
        world.later(1)

    def file(self, name: str, value: Any) -> str:
        """A file with some JSON."""
        path = self.desk.folder / f"{name}.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(path)

    def signed(self, message: Message) -> Any:
        """The message with the operator's signature."""
        return self.cast.signed(self.cast.operator, message).model_dump(mode="json")

    def anchor(self, book: list[str], **changes: Any) -> EpochAnchor:
        """An anchor over a book, not sent."""
        honest = EpochAnchor(
            epoch=EPOCH,
            bookRoot=root_of(book),
            matchRoot=NOTHING,
            prices=NOTHING,
            orders=len(book),
            leases=0,
            evidence=NOTHING,
        )
        return honest.model_copy(update=changes)

    def anchored(self, book: list[str], **changes: Any) -> str:
        """The anchor on chain, in a file as the market answers `GET /clearings/{epoch}/anchor`."""
        made = self.anchor(book, **changes)
        operator = self.cast.operator.address
        self.world.send("EpochAnchors", "anchor", as_tuple(made), "", sender=operator)
        return self.file("anchor", {"anchor": self.signed(made), "operator": operator, "intent": None})

    def promised(self, reporter: LocalAccount) -> str:
        """The id of an own order, kept with its promise as the buyer's client does."""
        order = self.cast.order(job())
        deployment = self.world.deployment
        folder = self.desk.folder / reporter.address / "records"
        folder.mkdir(parents=True)
        record = Record(folder / f"{deployment.chain_id}-{deployment.ledger.lower()}.sqlite3")
        record.add_order(order, None)
        now = self.world.web3.eth.get_block("latest")["timestamp"]
        promise = InclusionPromise(order=order.id(), epoch=EPOCH, receivedAt=now)
        record.set_promise(order.id(), Signed[InclusionPromise].model_validate(self.signed(promise)))
        record.close()
        return order.id()

    def bond(self) -> int:
        """What the operator still has bonded."""
        return int(self.desk.run(self.cast.operator, "operator", "show")["amount"])


PARAMETERS = DeploymentParameters.development("0x" + "11" * 20)
BOND = PARAMETERS.operator_bond


@pytest.fixture
def clerk(world: World, desk: Desk) -> Clerk:
    """The operator of the deployment is bonded; its papers are at hand."""
    return Clerk(world, desk)


def test_two_signed_anchors_of_one_epoch(clerk: Clerk, desk: Desk) -> None:
    first = clerk.file("first", clerk.signed(clerk.anchor(ORDERS)))
    second = clerk.file("second", {"anchor": {"anchor": clerk.signed(clerk.anchor(ORDERS[:3]))}})
    reporter = clerk.cast.buyer
    same = desk.run(reporter, "challenge", "fault", "equivocation", first, first, code=1)
    assert "NoEquivocation" in same["detail"]
    assert desk.run(reporter, "challenge", "fault", "equivocation", first, second)["transaction"]
    assert clerk.bond() == 0
    again = desk.run(reporter, "challenge", "fault", "equivocation", first, second, code=1)
    assert again["reason"] == "STATE_CONFLICT"


def test_a_signed_anchor_that_differs_from_the_one_on_chain(clerk: Clerk, desk: Desk) -> None:
    clerk.anchored(ORDERS)
    other = clerk.file("other", clerk.signed(clerk.anchor(ORDERS[:3])))
    proof = desk.run(clerk.cast.buyer, "challenge", "fault", "equivocation", other)
    assert (proof["proof"], clerk.bond()) == ("proveAnchorDiffers", 0)


def test_a_promised_order_whose_epoch_is_not_anchored(clerk: Clerk, desk: Desk) -> None:
    order = clerk.promised(clerk.cast.buyer)
    words = ("challenge", "fault", "not-anchored", "--promise", order)
    assert "AnchorNotMissing" in desk.run(clerk.cast.buyer, *words, code=1)["detail"]
    clerk.world.later(PARAMETERS.anchor_grace_seconds + 1)
    desk.run(clerk.cast.buyer, *words)
    assert clerk.bond() == 0


def test_a_promised_order_that_is_left_out_of_the_book(clerk: Clerk, desk: Desk) -> None:
    order = clerk.promised(clerk.cast.buyer)
    anchor, book = clerk.anchored(ORDERS), clerk.file("book", {"orders": ORDERS, "epoch": str(EPOCH)})
    words = ("--promise", order, "--anchor", anchor, "--book", book)
    desk.run(clerk.cast.buyer, "challenge", "fault", "left-out", *words)
    assert clerk.bond() == 0


def test_a_book_that_does_not_ascend(clerk: Clerk, desk: Desk) -> None:
    crooked = [*ORDERS[:2], ORDERS[3], ORDERS[2], ORDERS[4]]
    anchor = clerk.anchored(crooked)
    words = ("challenge", "fault", "unsorted", "--anchor", anchor, "--book")
    other = desk.run(clerk.cast.buyer, *words, clerk.file("other", ORDERS), code=1)
    assert other["reason"] == "HASH_MISMATCH"
    desk.run(clerk.cast.buyer, *words, clerk.file("book", crooked))
    assert clerk.bond() == 0


@pytest.mark.parametrize("counted", [4, 6, 9])
def test_a_book_that_is_miscounted(clerk: Clerk, desk: Desk, counted: int) -> None:
    anchor, book = clerk.anchored(ORDERS, orders=counted), clerk.file("book", ORDERS)
    desk.run(clerk.cast.buyer, "challenge", "fault", "miscounted", "--anchor", anchor, "--book", book)
    assert clerk.bond() == 0


def test_an_honest_book_convicts_nobody(clerk: Clerk, desk: Desk) -> None:
    anchor, book = clerk.anchored(ORDERS), clerk.file("book", ORDERS)
    for fault in ("unsorted", "miscounted"):
        words = ("challenge", "fault", fault, "--anchor", anchor, "--book", book)
        assert desk.run(clerk.cast.buyer, *words, code=1)["reason"] == "EVIDENCE_CONTRADICTS"


def test_a_lease_beyond_its_order_and_one_below_its_ask(clerk: Clerk, desk: Desk) -> None:
    """Evidence bundles hold order, ask and lease."""
    reporter = clerk.cast.buyer
    for fault, prices in (("outside-order", dear), ("outside-ask", cheap)):
        snapshot = clerk.world.anvil.rpc("evm_snapshot")
        bundle = clerk.cast.bundle(prices=prices())
        path = clerk.file(fault, bundle.canonical().decode())
        desk.run(reporter, "challenge", "fault", fault, "--lease", path)
        assert clerk.bond() == 0
        clerk.world.anvil.rpc("evm_revert", snapshot)
    honest = clerk.file("honest", clerk.cast.bundle().canonical().decode())
    for fault in ("outside-order", "outside-ask"):
        refusal = desk.run(reporter, "challenge", "fault", fault, "--lease", honest, code=1)
        assert "LeaseWithinLimits" in refusal["detail"]


def test_papers_that_say_nothing_are_named(clerk: Clerk, desk: Desk) -> None:
    nothing, gone = clerk.file("nothing", {"anchor": 7}), str(desk.folder / "gone.json")
    for path, reason in ((nothing, "DOCUMENT_MALFORMED"), (gone, "EVIDENCE_MISSING")):
        refusal = desk.run(clerk.cast.buyer, "challenge", "fault", "equivocation", path, code=1)
        assert (refusal["reason"], Path(path).name in refusal["detail"]) == (reason, True)


def dear() -> Any:
    """Prices above the order's limits."""
    return PRICES.model_copy(update={"fuel": PRICES.fuel + 1})


def cheap() -> Any:
    """Prices below the ask's."""
    return PRICES.model_copy(update={"fuel": PRICES.fuel - 1})
