"""The file in which a contributor states prices: what it says is what is signed, and mistakes are named."""

from pathlib import Path

import pytest

from provider_agent.ask import default_ask, parse_ask, same_offer
from suanli.protocol.errors import NodeError
from tests.unit.protocol.strategies import KEYS

NODE = KEYS[0].address
DEFAULT = default_ask("TSC", cores=4, memory_bytes=16 << 30)


def ask_of(folder: Path, text: str = DEFAULT, decimals: int = 6):  # type: ignore[no-untyped-def]
    path = folder / "ask.toml"
    path.write_text(text)
    return parse_ask(path, NODE, decimals, expiry=5, nonce=7)


def test_tokens_become_micro_atoms_and_people_sized_units_bytes(tmp_path: Path) -> None:
    ask = ask_of(tmp_path)
    assert ask.prices.fuel == 500 * 10**6
    assert ask.prices.ingress == 10 * 10**6
    assert ask.minimumCharge == 100
    assert (ask.slots, ask.limits.memoryBytes) == (3, 1344 << 20)
    assert (ask.limits.fuel, ask.limits.wallSeconds) == (3600 * 10**9, 3600)
    assert ask_of(tmp_path, decimals=8).prices.fuel == 500 * 10**8


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("slots = 3", "slots = 0"), "0 is not a positive whole number"),
        (("slots = 3", 'slots = "three"'), "three"),
        (("slots = 3", ""), "slots is missing"),
        (('gigafuel = "0.0005"', 'gigafuel = "cheap"'), "'cheap' is no price in tokens"),
        (('gigafuel = "0.0005"', 'gigafuel = "-1"'), "negative"),
        (('gigafuel = "0.0005"', 'gigafuel = "0.0000000000001"'), "too many decimals"),
        (('minimum_charge = "0.0001"', 'minimum_charge = "0.00000001"'), "at most 6 decimals"),
        (("[limits]", "[limit]"), "limits is missing"),
        (("wall_seconds = 3600", "wall_seconds = 99999999999"), "uint32"),
        (("[prices]", "[prices"), "ask.toml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    assert change[0] in DEFAULT
    with pytest.raises(NodeError, match="SETTINGS_INVALID") as caught:
        ask_of(tmp_path, DEFAULT.replace(*change, 1))
    assert named in str(caught.value)


def test_an_offer_is_the_same_whatever_its_nonce_and_expiry(tmp_path: Path) -> None:
    ask = ask_of(tmp_path)
    assert same_offer(ask, ask.model_copy(update={"nonce": 8, "expiry": 9}))
    assert not same_offer(ask, ask.model_copy(update={"slots": 4}))
