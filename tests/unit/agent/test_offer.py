"""What a node offers follows its file and the rounds; a new ask is signed only when something changed."""

import pytest

from provider_agent.ask import AskFile
from provider_agent.offer import Offer, is_same, make_offer
from suanli.protocol.auto_price import price_of_offering
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits, Prices
from suanli.protocol.offering import AutoPrice, Offering, offering_hash
from suanli.protocol.wire.clearings import RoundPrice

NODE = "0x0000000000000000000000000000000000000001"
START = Prices.of([500, 40, 30, 20])
AUTO = AutoPrice(
    epoch=0, rounds=2, share_basis_points=10_000, start=START, electricity_atoms_per_kilowatt_hour=0
)
SPEED = 10**9


def file(auto: AutoPrice | None = AUTO, watts: int | None = 36, slots: int = 2) -> AskFile:
    limits = Limits(fuel=1, memoryBytes=1, inputBytes=1, outputBytes=1, wallSeconds=1)
    return AskFile(START, 7, slots, limits, Offering(region="eu", watts_per_slot=watts), auto)


def rounds(*fuel: int, first: int = 9) -> list[RoundPrice]:
    return [
        RoundPrice(epoch=first - place, at=0, leases=1, waiting=0, prices=Prices.of([price, 1, 2, 3]))
        for place, price in enumerate(fuel)
    ]


def same(offer: Offer, other: Offer) -> bool:
    return is_same(offer, other.ask(NODE, 5, 6), other.offering)


def test_an_ask_by_hand_has_the_files_prices_and_names_what_the_machine_is() -> None:
    offer = make_offer(file(auto=None), SPEED, ())
    ask = offer.ask(NODE, expiry=5, nonce=6)
    assert (ask.prices, ask.minimumCharge, ask.slots) == (START, 7, 2)
    assert offer.offering == Offering(region="eu", watts_per_slot=36, fuel_per_second=SPEED)
    assert ask.offering == offering_hash(offer.offering)


def test_an_automatic_ask_can_be_redone_by_anyone_from_its_offering_and_the_rounds() -> None:
    seen = rounds(900, 700, 10_000)
    offer = make_offer(file(), SPEED, seen)
    assert offer.prices == Prices.of([900, 1, 2, 3])
    assert offer.offering.auto_price is not None
    assert offer.offering.auto_price.epoch == 9
    again = price_of_offering([one.prices for one in seen], offer.offering)
    assert again is not None
    assert again.prices == offer.prices


def test_no_node_offers_work_below_its_electricity() -> None:
    auto = AUTO.model_copy(update={"electricity_atoms_per_kilowatt_hour": 200_000})
    assert make_offer(file(auto), SPEED, rounds(900)).prices.fuel == 2_000_000
    assert make_offer(file(auto), SPEED, ()).prices.fuel == 2_000_000


@pytest.mark.parametrize(("watts", "speed", "named"), [(None, SPEED, "watts"), (36, None, "speed")])
def test_a_floor_needs_what_it_is_made_of(watts: int | None, speed: int | None, named: str) -> None:
    auto = AUTO.model_copy(update={"electricity_atoms_per_kilowatt_hour": 200_000})
    with pytest.raises(NodeError, match=named):
        make_offer(file(auto, watts), speed, ())


def test_a_price_that_hardly_moved_needs_no_new_ask() -> None:
    standing = make_offer(file(), SPEED, rounds(10_000))
    assert same(make_offer(file(), SPEED, rounds(10_100, first=12)), standing)
    assert not same(make_offer(file(), SPEED, rounds(10_101, first=12)), standing)
    assert not same(make_offer(file(), SPEED, rounds(9_899, first=12)), standing)


def test_any_change_of_the_file_needs_a_new_ask() -> None:
    standing = make_offer(file(), SPEED, rounds(900))
    hand = make_offer(file(auto=None), SPEED, ())
    assert same(make_offer(file(), SPEED, rounds(900)), standing)
    assert same(make_offer(file(auto=None), SPEED, ()), hand)
    others = [
        make_offer(file(slots=3), SPEED, rounds(900)),
        make_offer(file(watts=37), SPEED, rounds(900)),
        make_offer(file(AUTO.model_copy(update={"rounds": 3})), SPEED, rounds(900)),
        make_offer(file(), SPEED + 1, rounds(900)),
        hand,
    ]
    assert not any(same(other, standing) for other in others)
    assert not same(make_offer(file(auto=None, slots=3), SPEED, ()), hand)


def test_until_the_market_tells_of_rounds_a_restarted_node_asks_what_it_asked() -> None:
    standing = make_offer(file(), SPEED, rounds(900))
    ask = standing.ask(NODE, 5, 6)
    assert make_offer(file(), SPEED, ()).as_before(ask, standing.offering) == Offer(
        standing.file, standing.prices, standing.offering, None
    )
    other = make_offer(file(watts=37), SPEED, ())
    assert other.as_before(ask, standing.offering) == other
    assert other.as_before(ask, None) == other
