"""Disputes from a command line: a lost seed, a second panel, what the exit does for parties and jurors."""

import json
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from suanli.protocol.court_rules import LARGE_PANEL, SMALL_PANEL
from tests.integration.audit_court import RULES, Court
from tests.integration.audit_world import STAKE, TOKENS, World
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import Desk

OTHER_WORK = {
    "outcome": 0,
    "result": "0x" + "ee" * 32,
    "usage": {"fuel": "1", "memoryFuel": "1", "ingress": "1", "egress": "1"},
}
HASHES_OF_BLOCKS = "0x0000F90827F1C53a10cb7A02335B175320002935"
"""EIP-2935's contract, which chains may lack."""
REACH_BLOCKS = 256
"""How far back the chain itself tells a block's hash."""


def disputed(world: World, desk: Desk, fleet: int) -> str:
    """The id of a claim that the operator challenges, before a fleet of so many owners."""
    Court(world).add_fleet(fleet)
    world.work("false", tasks=1)
    world.endow(world.cast.operator)
    opened = desk.run(world.cast.owner, "claim", "open", str(world.evidence))["opened"]
    claim: str = opened[0]["claims"][0]
    desk.run(world.cast.operator, "challenge", "open", claim)
    world.anvil.mine(2)
    return claim


def owners_of(desk: Desk, jurors: list[str]) -> list[LocalAccount]:
    """The owners of a panel's nodes, by seat."""
    fleet = range(SMALL_PANEL + LARGE_PANEL)
    owners = {
        Account.from_key(bytes([80 + number]) * 32).address: Account.from_key(bytes([50 + number]) * 32)
        for number in fleet
    }
    return [owners[juror] for juror in jurors]


def found(desk: Desk) -> tuple[str, str]:
    """The option with a verdict that contradicts the claim."""
    path = desk.folder / "verdict.json"
    path.write_text(json.dumps(OTHER_WORK))
    return "--verdict", str(path)


def places(desk: Desk, who: LocalAccount) -> list[Any]:
    """What `exit status` lists for somebody."""
    listed: list[Any] = desk.run(who, "exit", "status")["places"]
    return listed


def test_a_dispute_whose_seed_is_lost_is_armed_again_and_drawn(world: World, desk: Desk) -> None:
    claim, stranger = disputed(world, desk, SMALL_PANEL), world.cast.operator
    early = desk.run(stranger, "challenge", "rearm", claim, code=1)
    assert "SeedAvailable" in early["detail"]
    world.anvil.rpc("anvil_setCode", HASHES_OF_BLOCKS, "0x")  # with it anvil would have to mine 8 191 blocks
    for _ in range(REACH_BLOCKS // 50 + 1):
        world.anvil.rpc("anvil_mine", hex(50), "0x0")  # blocks without time: the phase still runs
    late = desk.run(stranger, "challenge", "draw", claim, code=1)
    assert "SeedLost" in late["detail"]
    assert desk.run(stranger, "challenge", "rearm", claim)["transaction"]
    world.anvil.mine(2)
    assert len(desk.run(stranger, "challenge", "draw", claim)["jurors"]) == SMALL_PANEL
    (case,) = desk.run(stranger, "challenge", "list")
    assert (case["phase"], case["round"]) == ("SEALING", 0)


def test_jurors_without_gas_sign_their_seals_and_a_stranger_delivers_them(world: World, desk: Desk) -> None:
    claim, stranger = disputed(world, desk, SMALL_PANEL), world.cast.operator
    desk.run(stranger, "challenge", "draw", claim)
    files = []
    for number in range(SMALL_PANEL):
        juror = Account.from_key(bytes([80 + number]) * 32)
        files.append(str(desk.folder / f"seal-{number}.json"))
        (row,) = desk.run(juror, "challenge", "commit", claim, *found(desk), "--sign", files[-1])
        assert row["transaction"] is None
    assert desk.run(stranger, "challenge", "deliver", *files)["delivered"] == SMALL_PANEL
    assert desk.run(stranger, "challenge", "deliver", *files)["delivered"] == 0
    world.later(RULES.commit_seconds + 1)
    juror = Account.from_key(bytes([80]) * 32)
    world.anvil.rpc("anvil_setBalance", juror.address, hex(10**18))
    assert desk.run(juror, "challenge", "open-verdict", claim)[0]["transaction"]
    spoilt = desk.folder / "spoilt.json"
    spoilt.write_text("[{}]")
    assert desk.run(stranger, "challenge", "deliver", str(spoilt), code=1)["reason"] == "DOCUMENT_MALFORMED"


def test_the_losing_side_appeals_to_seven_and_everything_comes_home(world: World, desk: Desk) -> None:
    """Both panels find against the claim: the bonds of claim and appeal are lost."""
    claim, cast = disputed(world, desk, SMALL_PANEL + LARGE_PANEL), world.cast
    for round_, panel in ((0, SMALL_PANEL), (1, LARGE_PANEL)):
        jurors = owners_of(desk, desk.run(cast.operator, "challenge", "draw", claim)["jurors"])
        assert len(jurors) == panel
        for juror in jurors:
            assert desk.run(juror, "challenge", "commit", claim, *found(desk))[0]["sealed"]
        world.later(RULES.commit_seconds + 1)
        for juror in jurors:
            desk.run(juror, "challenge", "open-verdict", claim)
        world.later(RULES.open_seconds + 1)
        if round_ == 0:
            other = desk.run(cast.operator, "challenge", "escalate", claim, code=1)
            assert "NotLoser" in other["detail"]
            choices = {one["what"]: one for one in desk.run(cast.owner, "exit", "status")["choices"]}
            assert int(choices["appeal to seven jurors"]["stake"]) == RULES.appeal_bond
            desk.run(cast.owner, "challenge", "escalate", claim)
            held = {
                one["kind"]: int(one["amount"]) for one in desk.run(cast.owner, "exit", "status")["places"]
            }
            assert held["appeal bond"] == RULES.appeal_bond
            world.anvil.mine(2)
    fees = {one["kind"]: int(one["amount"]) for one in desk.run(jurors[0], "exit", "status")["places"]}
    assert fees["juror fee"] == RULES.juror_fee
    desk.run(jurors[0], "exit", "step")  # a juror ends the dispute for its fee
    assert desk.run(cast.operator, "challenge", "list") == []
    pot = RULES.claim_bond + RULES.appeal_bond - RULES.all_fees()
    with clock_running(world.anvil):
        assert desk.run(cast.owner, "exit", "all", "--wait", "--poll", "0.2")["out"]
        assert desk.run(cast.operator, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(cast.owner.address) == TOKENS - RULES.claim_bond - RULES.appeal_bond
    assert desk.tokens(cast.operator.address) == TOKENS + pot - pot // 2


def test_the_exit_draws_the_panel_of_an_open_dispute_and_opens_kept_verdicts(
    world: World, desk: Desk
) -> None:
    """A provider who only says `exit all --wait`, and jurors who only sealed, still reach the end."""
    claim, cast = disputed(world, desk, SMALL_PANEL), world.cast
    (dispute,) = [one for one in places(desk, cast.owner) if one["kind"] == "dispute"]
    assert dispute["step"]["name"] == "draw"
    desk.run(cast.owner, "exit", "step")
    (case,) = desk.run(cast.owner, "challenge", "list")
    jurors = owners_of(desk, case["jurors"])
    (choice,) = desk.run(jurors[0], "exit", "status")["choices"]
    assert (choice["what"], int(choice["stake"])) == ("judge, or abstain", RULES.juror_slash)
    for juror in jurors:
        desk.run(juror, "challenge", "commit", claim, *found(desk))
    seats = [one for one in places(desk, jurors[0]) if one["kind"] == "juror seat"]
    assert [one["step"]["name"] for one in seats] == ["openVerdict"]
    world.later(RULES.commit_seconds + 1)
    for juror in jurors:
        assert "openVerdict" in [one["step"] for one in desk.run(juror, "exit", "step")["sent"]]
    world.later(RULES.open_seconds + RULES.appeal_seconds + 1)
    with clock_running(world.anvil):
        assert desk.run(jurors[0], "exit", "all", "--wait", "--poll", "0.2")["out"]
        assert desk.run(cast.owner, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(jurors[0].address) == 2 * STAKE + RULES.juror_fee
    assert desk.tokens(cast.owner.address) == TOKENS - RULES.claim_bond


def test_a_fleet_too_small_to_judge_keeps_nobodys_money(world: World, desk: Desk) -> None:
    """No panel can be drawn: the exit waits for the end of the drawing and resolves."""
    disputed(world, desk, fleet=1)
    (dispute,) = [one for one in places(desk, world.cast.owner) if one["kind"] == "dispute"]
    assert dispute["step"]["name"] == "resolve"
    with clock_running(world.anvil):
        for who in (world.cast.owner, world.cast.operator, world.cast.buyer):
            assert desk.run(who, "exit", "all", "--wait", "--poll", "0.2")["out"]
            assert desk.tokens(who.address) == TOKENS


def test_a_juror_without_inputs_abstains_and_loses_nothing(world: World, desk: Desk) -> None:
    claim = disputed(world, desk, SMALL_PANEL)
    jurors = owners_of(desk, desk.run(world.cast.operator, "challenge", "draw", claim)["jurors"])
    assert desk.run(jurors[0], "challenge", "commit", claim, code=1)["reason"] == "SETTINGS_INVALID"
    assert desk.run(jurors[0], "challenge", "commit", claim, "--abstain")[0]["sealed"]
    world.later(RULES.commit_seconds + 1)
    desk.run(jurors[0], "challenge", "open-verdict", claim)
    world.later(RULES.open_seconds + RULES.appeal_seconds + 1)
    desk.run(world.cast.operator, "challenge", "resolve", claim)
    with clock_running(world.anvil):
        for juror in jurors[:2]:
            assert desk.run(juror, "exit", "all", "--wait", "--poll", "0.2")["out"]
    assert desk.tokens(jurors[0].address) == 2 * STAKE
    assert desk.tokens(jurors[1].address) == 2 * STAKE  # away, but nobody judged


def test_a_panel_that_does_not_agree_may_be_followed_by_seven_for_nothing(world: World, desk: Desk) -> None:
    claim = disputed(world, desk, SMALL_PANEL)
    desk.run(world.cast.operator, "challenge", "draw", claim)
    world.later(RULES.commit_seconds + RULES.open_seconds + 1)
    (choice,) = desk.run(world.cast.owner, "exit", "status")["choices"]
    assert (choice["what"][:5], choice["stake"]) == ("let s", "0")
    assert desk.run(world.cast.owner, "challenge", "escalate", claim)["transaction"]
    with clock_running(world.anvil):  # no seven are there: nobody decides, everything returns
        for who in (world.cast.owner, world.cast.operator, world.cast.buyer):
            assert desk.run(who, "exit", "all", "--wait", "--poll", "0.2")["out"]
            assert desk.tokens(who.address) == TOKENS
