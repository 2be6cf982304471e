"""What the fleet has on offer and what rounds cleared at is public, live and historic."""

from suanli.protocol.auto_price import median_prices
from suanli.protocol.messages import Prices
from suanli.protocol.offering import Offering
from tests.integration.market.declining import declined
from tests.integration.market.stage import BUYER, DEAR, PRICES, Stage


def test_before_the_first_round_there_is_nothing_to_see(stage: Stage) -> None:
    declined(stage.call("GET", "/capacity"), 404, "NOT_FOUND")
    assert stage.ok("GET", "/capacity/history")["items"] == []
    assert stage.ok("GET", "/capacity/prices")["items"] == []


def test_anyone_sees_slots_and_prices_by_region(stage: Stage) -> None:
    stage.provider(10).put_ask(Offering(region="eu"), slots=3)
    stage.provider(11).put_ask(Offering(region="us"), prices=DEAR)
    stage.place(tasks=2)
    assert stage.clear() == 2
    seen = stage.ok("GET", "/capacity")
    cells = {cell["region"]: cell for cell in seen["cells"]}
    assert {region: (cell["nodes"], cell["slots"]) for region, cell in cells.items()} == {
        "eu": (1, 3),
        "us": (1, 1),
    }
    assert (cells["eu"]["matched"], seen["matched"], seen["waiting"]) == (2, 2, 0)
    assert cells["eu"]["lowest"] == PRICES.to_json()
    assert stage.ok("GET", "/capacity/history")["items"] == [seen]


def test_the_prices_of_rounds_are_the_medians_of_their_leases(stage: Stage) -> None:
    stage.provider(10, slots=2)
    stage.provider(11, slots=1, prices=DEAR)
    for _ in range(2):
        stage.place(tasks=1)
        assert stage.clear() == 1
    newest, oldest = stage.ok("GET", "/capacity/prices?rounds=5")["items"]
    assert newest["epoch"] > oldest["epoch"]
    job = stage.ok("GET", "/jobs", BUYER)["items"][0]["id"]
    assert stage.task(job)["leases"]
    assert newest["prices"] == PRICES.to_json()
    assert (newest["leases"], newest["waiting"]) == (1, 0)
    assert stage.ok("GET", "/capacity/prices?rounds=1")["items"] == [newest]
    assert stage.ok("GET", f"/capacity/prices?until={oldest['epoch']}")["items"] == [oldest]
    assert median_prices([Prices.from_json(newest["prices"])]) == PRICES


def test_absurd_questions_are_refused(stage: Stage) -> None:
    for query in ("rounds=0", "rounds=1001", "until=-1", "until=x"):
        declined(stage.call("GET", f"/capacity/prices?{query}"), 400, "MESSAGE_MALFORMED")
