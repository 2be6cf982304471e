"""Values and files that cannot be are refused by name, and nothing is sent."""

from pathlib import Path

import pytest

from suanli.direct.chain import Chain
from suanli.direct.durable import write_document, write_private
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.reasons import Reason
from tests.integration.audit_world import World
from tests.integration.direct.conftest import Desk

BEYOND = str(1 << 256)
ROOT = "0x" + "11" * 32


def test_a_nonce_beyond_the_contracts_is_not_the_chains_fault(world: World, desk: Desk) -> None:
    for nonce in (BEYOND, "9" * 5000, "one"):
        refusal = desk.run(world.cast.buyer, "exit", "cancel", nonce, code=1)
        assert (refusal["reason"], "NONCE" in refusal["detail"]) == ("SETTINGS_INVALID", True)


def test_a_call_with_a_value_beyond_its_type_is_not_the_chains_fault(world: World) -> None:
    chain = Chain(world.anvil.rpc_url, world.deployment)
    with pytest.raises(ChainError) as refused:
        chain.read("Bidding", "cancelledAt", world.cast.buyer.address, 1 << 256)
    assert refused.value.reason is Reason.SETTINGS_INVALID


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--tasks", str(1 << 32)),
        ("--budget", str(1 << 96)),
        ("--deposit", str(1 << 96)),
        ("--quality", f"hours:{1 << 64}:1"),
        ("--quality", f"hours:1:{1 << 64}"),
        ("--bids-for", "9999999999d" * 10_000),
    ],
)
def test_numbers_that_no_auction_holds_are_named(world: World, desk: Desk, option: str, value: str) -> None:
    words = {"--budget": "1", "--deposit": "1", "--spec-root": ROOT, "--tasks": "1"} | {option: value}
    flat = [part for pair in words.items() for part in pair]
    refusal = desk.run(world.cast.buyer, "auction", "open", *flat, code=1)
    assert (refusal["reason"], option in refusal["detail"]) == ("SETTINGS_INVALID", True)


def test_a_deployment_that_is_no_text_is_named(world: World, desk: Desk) -> None:
    world.deployment_file.write_bytes(b"\xff\xfe{}")
    refusal = desk.run(world.cast.buyer, "exit", "status", code=1)
    assert refusal["reason"] == "SETTINGS_INVALID"
    assert str(world.deployment_file) in refusal["detail"]


def test_papers_go_nowhere_where_none_can_be(world: World, desk: Desk, tmp_path: Path) -> None:
    world.work("lost", tasks=1)
    folder, missing = str(tmp_path), str(tmp_path / "missing" / "x")
    find = ("exit", "find", world.deployment.ledger, "--rpc", world.anvil.rpc_url, "--out", folder)
    make = ("statement", "make", "--file", missing, str(world.evidence))
    for words, place in ((find, folder), (make, missing)):
        refusal = desk.run(world.cast.node, *words, code=1)
        assert (refusal["reason"], place in refusal["detail"]) == ("SETTINGS_INVALID", True)


def test_a_place_that_cannot_hold_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "x"):
        with pytest.raises(ClientError, match="SETTINGS_INVALID"):
            write_document(place, "paper")
    with pytest.raises(ClientError, match="SETTINGS_INVALID"):
        write_private(tmp_path / "file" / "x", b"salt")
