"""Ways that nodes measured count in the next round: who is too far waits, and a degraded way is left."""

from dataclasses import replace
from typing import Any

import pytest

from suanli.protocol.merkle import spec_root
from suanli.protocol.offering import Offering
from suanli.protocol.requirements import Requirements, Worth
from suanli.protocol.wire.network import NetworkReport, Probe, Way
from tests.integration.market.declining import declined, nothing_changes
from tests.integration.market.stage import BUYER, DEAR, Provider, Stage

ELSEWHERE = Probe(region="us", url="https://probe.example/", bytes=1000)


@pytest.fixture(autouse=True)
def at_home_in_europe(stage: Stage) -> None:
    """The store stands in `eu`; there is a probe in `us`."""
    chosen = stage.runtime.settings.model_copy(update={"store_region": "eu", "probes": (ELSEWHERE,)})
    stage.runtime = replace(stage.runtime, settings=chosen)
    stage.client.app.state.runtime = stage.runtime  # type: ignore[attr-defined]


def provider_in(stage: Stage, number: int, region: str, **ask: Any) -> Provider:
    provider = stage.provider(number)
    provider.put_ask(Offering(region=region), **ask)
    return provider


def report(region: str, milliseconds: int, origin: str = "eu") -> Any:
    way = Way(origin=origin, round_trip_milliseconds=milliseconds, bytes_per_second=10**7, samples=3)
    return NetworkReport(region=region, ways=[way]).model_dump(mode="json")


def tell(provider: Provider, milliseconds: int, region: str, origin: str = "eu") -> None:
    body = report(region, milliseconds, origin)
    provider.stage.ok("POST", f"{provider.path}/network", provider.key, json=body)


def place_wanting(stage: Stage, wanted: Requirements) -> str:
    """A job of one task with these requirements."""
    spec = stage.spec()
    task = spec.tasks[0].model_copy(update={"requirements": wanted})
    chosen = spec.model_copy(update={"tasks": [task]})
    order = stage.order(chosen, specRoot=spec_root(chosen))
    job: str = stage.ok("POST", "/jobs", BUYER, json=stage.request(chosen, order))["id"]
    return job


def place_near(stage: Stage, milliseconds: int, origin: str = "eu") -> str:
    """A job of one task that must run within so many milliseconds of `origin`."""
    return place_wanting(stage, Requirements(origin=origin, maximum_latency_milliseconds=milliseconds))


def node_of(stage: Stage, job: str) -> str | None:
    leases = stage.task(job)["leases"]
    return leases[-1]["node"] if leases else None


def test_probes_are_listed_and_give_what_they_announce(stage: Stage) -> None:
    found = stage.ok("GET", "/regions")
    own, other = found["probes"]
    assert (found["home"], own["region"], other) == ("eu", "eu", ELSEWHERE.model_dump(mode="json"))
    body = stage.client.get(own["url"]).content
    assert len(body) == own["bytes"]
    assert len(set(body[:4096])) == 256
    assert stage.client.head(own["url"]).content == b""


def test_a_task_waits_while_nobody_is_near_enough(stage: Stage) -> None:
    far = provider_in(stage, 10, "us")
    job = place_near(stage, 50)
    assert stage.clear() == 0
    assert stage.task(job)["waiting"]["reason"] == "LATENCY_TOO_HIGH"
    tell(far, 51, "us")
    assert stage.clear() == 0
    tell(far, 50, "us")
    assert stage.clear() == 1
    assert node_of(stage, job) == far.key.address


def test_work_leaves_a_way_that_degrades(stage: Stage) -> None:
    cheap, dear = provider_in(stage, 10, "eu", slots=2), provider_in(stage, 11, "us", prices=DEAR)
    tell(cheap, 10, "eu")
    tell(dear, 40, "us")
    first = place_near(stage, 50)
    stage.clear()
    tell(cheap, 400, "eu")
    second = place_near(stage, 50)
    stage.clear()
    assert (node_of(stage, first), node_of(stage, second)) == (cheap.key.address, dear.key.address)


@pytest.mark.parametrize(("per_second", "region"), [(0, "us"), (1, "us"), (10**10, "eu")])
def test_work_goes_to_the_data_when_moving_them_costs_more_than_it_saves(
    stage: Stage, per_second: int, region: str
) -> None:
    nodes = {"us": provider_in(stage, 10, "us", slots=2), "eu": provider_in(stage, 11, "eu", prices=DEAR)}
    for name, bytes_per_second in (("us", 10), ("eu", 10**9)):
        way = Way(origin="eu", round_trip_milliseconds=1, bytes_per_second=bytes_per_second, samples=3)
        body = NetworkReport(region=name, ways=[way]).model_dump(mode="json")
        stage.ok("POST", f"{nodes[name].path}/network", nodes[name].key, json=body)
    worth = Worth(micro_atoms_per_transfer_second=per_second)
    job = place_wanting(stage, Requirements(worth=worth))
    assert stage.clear() == 1
    assert node_of(stage, job) == nodes[region].key.address


def test_one_owner_alone_does_not_move_a_way_that_three_measured(stage: Stage) -> None:
    nodes = [provider_in(stage, number, "eu") for number in (10, 11, 12)]
    for node, milliseconds in zip(nodes, (10, 12, 4000), strict=True):
        tell(node, milliseconds, "eu")
    place_near(stage, 12)
    assert stage.clear() == 1


def test_a_way_from_where_nobody_asked_for_is_dropped(stage: Stage) -> None:
    provider = provider_in(stage, 10, "eu")
    tell(provider, 1, "eu", origin="moon")
    place_near(stage, 50, origin="moon")
    assert stage.clear() == 0
    tell(provider, 1, "eu", origin="us")
    place_near(stage, 50, origin="us")
    assert stage.clear() == 1


def test_a_report_is_of_the_region_that_the_offering_states(stage: Stage) -> None:
    provider = provider_in(stage, 10, "us")
    with nothing_changes(stage):
        answer = stage.call("POST", f"{provider.path}/network", provider.key, json=report("eu", 1))
    declined(answer, 409, "STATE_CONFLICT")


def test_nobody_reports_for_another_node(stage: Stage) -> None:
    provider, other = provider_in(stage, 10, "eu"), provider_in(stage, 11, "eu")
    with nothing_changes(stage):
        answer = stage.call("POST", f"{provider.path}/network", other.key, json=report("eu", 1))
    declined(answer, 403, "NOT_AUTHORISED")
