"""The file in which a contributor states prices: what it says is what is signed, and mistakes are named."""

from pathlib import Path

import pytest

from provider_agent.ask import AskFile, read_ask_file
from provider_agent.ask_template import default_ask, set_value
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Prices
from suanli.protocol.offering import AutoPrice, Offering, SurgeStep

DEFAULT = default_ask("TSC", cores=4, memory_bytes=16 << 30)
SAID = {
    '# region = "eu-west"': 'region = "eu-west"',
    '# labels = ["tier:home"]': 'labels = ["tier:home", "quiet"]',
    "# carbon = 300": "carbon = 300",
    "# watts = 12": "watts = 12",
    "# surge = ": "surge = ",
}


def file_of(folder: Path, text: str = DEFAULT, decimals: int = 6) -> AskFile:
    path = folder / "ask.toml"
    path.write_text(text)
    return read_ask_file(path, decimals)


def changed(*changes: tuple[str, str]) -> str:
    text = DEFAULT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_tokens_become_micro_atoms_and_people_sized_units_bytes(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    assert file.prices.fuel == 500 * 10**6
    assert file.prices.ingress == 10 * 10**6
    assert file.minimum_charge == 100
    assert (file.slots, file.limits.memoryBytes) == (3, 1344 << 20)
    assert (file.limits.fuel, file.limits.wallSeconds) == (3600 * 10**9, 3600)
    assert file_of(tmp_path, decimals=8).prices.fuel == 500 * 10**8


def test_a_new_file_says_nothing_of_the_machine_and_sets_prices_by_hand(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    assert (file.stated, file.auto) == (Offering(), None)


def test_a_file_of_before_there_were_offerings_is_read(tmp_path: Path) -> None:
    lines = [line for line in DEFAULT.splitlines() if not line.startswith("#")]
    start, end = lines.index("[auto]"), lines.index("[limits]")
    file = file_of(tmp_path, "\n".join(lines[:start] + lines[end:]))
    assert (file.stated, file.auto) == (Offering(), None)


def test_what_the_contributor_says_of_the_machine_is_stated(tmp_path: Path) -> None:
    assert file_of(tmp_path, changed(*SAID.items())).stated == Offering(
        region="eu-west",
        labels=("quiet", "tier:home"),
        carbon_grams_per_kilowatt_hour=300,
        watts_per_slot=12,
        surge=(SurgeStep(used_share_basis_points=7500, price_basis_points=12_500),),
    )


def test_automatic_prices_start_with_the_files(tmp_path: Path) -> None:
    text = changed(("enabled = false", "enabled = true"), ('electricity = "0"', 'electricity = "0.25"'))
    assert file_of(tmp_path, text).auto == AutoPrice(
        epoch=0,
        rounds=20,
        share_basis_points=10_000,
        start=Prices.of([500 * 10**6, 100 * 10**6, 10 * 10**6, 20 * 10**6]),
        electricity_atoms_per_kilowatt_hour=250_000,
    )


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
        (('# region = "eu-west"', 'region = "Europe"'), "region"),
        (('# labels = ["tier:home"]', 'labels = ["a", "a"]'), "labels"),
        (("# carbon = 300", "carbon = -1"), "carbon_grams_per_kilowatt_hour"),
        (("# watts = 12", "watts = 1.5"), "watts_per_slot"),
        (('# surge = {"75%" = "125%"}', 'surge = {"75%" = "80%"}'), "price_basis_points"),
        (('# surge = {"75%" = "125%"}', 'surge = {"75" = "125%"}'), "percentage"),
        (('# surge = {"75%" = "125%"}', 'surge = {"75%" = "130%", "90%" = "120%"}'), "ascend"),
        (("enabled = false", 'enabled = "yes"'), "auto.enabled"),
        (("enabled = false", "enabled = true\nrounds = 0"), "ask.toml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    with pytest.raises(NodeError, match="SETTINGS_INVALID") as caught:
        file_of(tmp_path, changed(change))
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("region", "us-east", 'region = "us-east"          # where the machine stands'),
        ("carbon", "25", "carbon = 25                # grams"),
        ("auto.share", "97%", 'share = "97%"               # ask for'),
        ("auto.enabled", "true", "enabled = true"),
        ("labels", '["gpu"]', 'labels = ["gpu"]      # what it is'),
    ],
)
def test_one_line_is_set_and_its_comment_kept(tmp_path: Path, name: str, value: str, line: str) -> None:
    file_of(tmp_path)
    path = tmp_path / "ask.toml"
    set_value(path, name, value, lambda trial: read_ask_file(trial, 6))
    before, after = DEFAULT.splitlines(), path.read_text().splitlines()
    (new,) = [one for one, old in zip(after, before, strict=True) if one != old]
    assert new.startswith(line)
