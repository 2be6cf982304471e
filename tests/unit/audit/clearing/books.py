"""Random books in which every field says something: ways, offerings, surge, requirements, holds."""

from random import Random
from typing import Any

from eth_utils.address import to_checksum_address

from suanli.protocol.book import Book, BookNode, BookOrder, BookPath, BookTask, Held, regions_of
from suanli.protocol.charging import lease_cap
from suanli.protocol.messages import Ask, Limits, Prices
from suanli.protocol.offering import Offering, SurgeStep, offering_hash
from suanli.protocol.requirements import Requirements, Worth
from suanli.protocol.states import NodeState
from suanli.protocol.units import BYTES_PER_MEBIBYTE, FUEL_PER_GIGAFUEL

NOW = 1_800_000_000
SILENT_BEFORE = NOW - 30
PLACES = ("cn-east", "cn-north", "eu-west")
WORDS = ("gpu", "sgx", "ssd")
ABSURD = (1 << 64) - 1


def address(number: int) -> str:
    return to_checksum_address(number.to_bytes(20, "big"))


def hash_(number: int) -> str:
    return "0x" + number.to_bytes(32, "big").hex()


def random_book(seed: int, nodes: int = 6, orders: int = 4, doubles: bool = True) -> Book:
    rng = Random(seed)
    placed = [_node(rng, number) for number in range(1, nodes + 1)]
    wanted = [_order(rng, number, placed) for number in range(1, orders + 1)]
    paths = [
        BookPath(
            origin=origin,
            region=region,
            round_trip_milliseconds=rng.randrange(300),
            bytes_per_second=rng.randrange(1, 10**8),
        )
        for origin in PLACES
        for region in PLACES
        if rng.random() < 0.5
    ]
    if doubles and rng.random() < 0.2:
        wanted.append(wanted[0].model_copy(update={"budget_left": 1}))
    if doubles and rng.random() < 0.2:
        placed.append(placed[0].model_copy(update={"trust": 1}))
    home = rng.choice([None, *PLACES])
    rng.shuffle(wanted)
    rng.shuffle(placed)
    return Book(
        now=NOW,
        silent_before=SILENT_BEFORE,
        orders=tuple(wanted),
        nodes=tuple(placed),
        regions=regions_of(placed, wanted, paths, home),
        paths=tuple(paths),
        home=home,
    )


def _node(rng: Random, number: int) -> BookNode:
    offering = _offering(rng) if rng.random() < 0.8 else None
    slots = rng.randrange(1, 5)
    return BookNode(
        node=address(number),
        owner=address(100 + number // 2),
        state=rng.choices(list(NodeState), [60 if one is NodeState.CONNECTED else 1 for one in NodeState])[0],
        draining=rng.random() < 0.05,
        last_seen_at=rng.choice([NOW] * 9 + [SILENT_BEFORE, SILENT_BEFORE - 1, None]),
        ask=_ask(rng, number, slots, offering) if rng.random() < 0.95 else None,
        free_slots=rng.randrange(-1, slots + 1),
        offering=offering,
        trust=rng.choice([0, 5000, 10_000]),
        reliability=rng.choice([10_000, 9_900, 5_000]),
        speed=rng.choice([0, 10**8, 10**9]),
    )


def _offering(rng: Random) -> Offering:
    surge = (
        SurgeStep(used_share_basis_points=2500, price_basis_points=12_345),
        SurgeStep(used_share_basis_points=7500, price_basis_points=20_000),
    )
    return Offering(
        region=rng.choice([None, *PLACES]),
        labels=tuple(sorted(rng.sample(WORDS, rng.randrange(3)))),
        carbon_grams_per_kilowatt_hour=rng.choice([None, 30, 600]),
        watts_per_slot=rng.choice([None, 20, 65]),
        fuel_per_second=rng.choice([None, 0, 10**8, 3 * 10**9]),
        surge=rng.choice([(), surge]),
    )


def _ask(rng: Random, number: int, slots: int, offering: Offering | None) -> Ask:
    return Ask(
        node=address(number),
        prices=_prices(rng, 300_000, absurd=0.02),
        minimumCharge=rng.choice([0, 0, 1, ABSURD if rng.random() < 0.1 else 2]),
        slots=slots,
        limits=_limits(rng, rng.choice([2, 5])),
        expiry=rng.choice([NOW, NOW + 1] + [NOW + 3600] * 8),
        nonce=number,
        offering=offering_hash(offering),
    )


def _prices(rng: Random, most: int, absurd: float) -> Prices:
    numbers = [rng.randrange(most), rng.randrange(most), rng.randrange(most), rng.randrange(most)]
    if rng.random() < absurd:
        numbers[rng.randrange(4)] = rng.choice([1 << 36, (1 << 36) - 1, ABSURD])
    return Prices.of(numbers)


def _limits(rng: Random, size: int) -> Limits:
    return Limits(
        fuel=rng.randrange(1, size + 1) * FUEL_PER_GIGAFUEL - rng.choice([0, 1, 12_345]),
        memoryBytes=rng.randrange(1, size + 1) * 64 * BYTES_PER_MEBIBYTE,
        inputBytes=rng.randrange(1, size + 1) * BYTES_PER_MEBIBYTE,
        outputBytes=rng.randrange(1, size + 1) * BYTES_PER_MEBIBYTE,
        wallSeconds=60 * size,
    )


def _order(rng: Random, number: int, nodes: list[BookNode]) -> BookOrder:
    limits = _limits(rng, 2)
    if rng.random() < 0.05:
        limits = limits.model_copy(
            update={rng.choice(["fuel", "outputBytes"]): rng.choice([1 << 62, 1 << 61])}
        )
    order = BookOrder(
        order=hash_(number),
        buyer=rng.choice([address(200 + number), nodes[0].owner, nodes[0].node]),
        limits=limits,
        maximum_prices=_prices(rng, 8_000_000, absurd=0.1),
        budget_left=rng.choice([0, 10, 40, 200, 10**30]),
        deadline=rng.choice([NOW, NOW + 3] + [NOW + 3000] * 4),
        tasks=tuple(_task(rng, index, nodes) for index in rng.sample(range(9), rng.randrange(1, 4))),
    )
    tasks = tuple(task.model_copy(update={"held": _agreed(order, task, number)}) for task in order.tasks)
    return order.model_copy(update={"tasks": tasks})


def _agreed(order: BookOrder, task: BookTask, number: int) -> tuple[Held, ...]:
    """A task's holds as its buyer could have taken them: within the order's prices, at their cap."""
    if max(order.limits.fuel, order.limits.outputBytes) >= 1 << 61:
        return ()
    found = []
    for held in task.held:
        pairs = zip(held.prices.vector(), order.maximum_prices.vector(), strict=True)
        prices = Prices.of(min(pair) for pair in pairs)
        cap = lease_cap(prices, held.minimum_charge, order.limits, task.ingress)
        hold = number * 1000 + task.index * 10 + held.hold
        if order.buyer not in (held.node, held.owner):
            found.append(held.model_copy(update={"hold": hold, "prices": prices, "cap": cap}))
    return tuple(found)


def _task(rng: Random, index: int, nodes: list[BookNode]) -> BookTask:
    return BookTask(
        index=index,
        attempt=rng.randrange(3),
        copies=rng.choice([0, 1, 2, 3]),
        ingress=rng.randrange(BYTES_PER_MEBIBYTE),
        tried=tuple(node.node for node in nodes if rng.random() < 0.1),
        owners=tuple({node.owner for node in nodes if rng.random() < 0.1}),
        requirements=_requirements(rng) if rng.random() < 0.6 else None,
        held=tuple(_held(rng, hold, nodes) for hold in range(rng.choice([0] * 6 + [1, 2]))),
    )


def _held(rng: Random, hold: int, nodes: list[BookNode]) -> Held:
    node = rng.choice(nodes)
    return Held(
        hold=hold,
        node=node.node,
        owner=node.owner,
        ask=hash_(hold),
        prices=_prices(rng, 1000, absurd=0),
        minimum_charge=1,
        cap=rng.choice([1, 2, 50]),
    )


def _requirements(rng: Random) -> Requirements:
    values: dict[str, Any] = {
        "regions": tuple(sorted(rng.sample(PLACES, rng.choice([0, 0, 0, 2, 3])))),
        "labels": tuple(sorted(rng.sample((*WORDS, "none-has-it"), rng.choice([0] * 6 + [1, 2])))),
        "origin": rng.choice([None, *PLACES]),
        "minimum_trust_basis_points": rng.choice([0, 0, 0, 5000]),
        "maximum_latency_milliseconds": rng.choice([None] * 5 + [0, 150]),
        "maximum_carbon_grams_per_kilowatt_hour": rng.choice([None] * 5 + [30, 500]),
    }
    return Requirements(**values, worth=_worth(rng))


def _worth(rng: Random) -> Worth:
    most = rng.choice([10, 10, 10_000, ABSURD if rng.random() < 0.2 else 100])
    return Worth(
        micro_atoms_per_latency_millisecond=rng.randrange(most),
        micro_atoms_per_transfer_second=rng.randrange(most),
        micro_atoms_per_carbon_gram=rng.randrange(most),
        micro_atoms_per_failure_percent=rng.randrange(most),
    )
