"""Connected nodes judge by themselves: with an RPC and a store, no market, and nobody at the keyboard."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from provider_agent.cli import node_app
from provider_agent.faults import VARIABLE
from suanli.protocol.court import Ruling
from suanli.protocol.court_rules import CourtRules
from tests.integration.agent.bench import module
from tests.integration.agent.courthouse import Courthouse
from tests.integration.agent.grid import Agent, eventually
from tests.integration.agent.programs import GOOD
from tests.integration.anvil import Anvil
from tests.integration.audit_world import World

RULES = CourtRules.development()
TO_OPENING, TO_APPEAL = RULES.commit_seconds + 1, RULES.open_seconds + 1


@pytest.fixture
def house(anvil: Anvil, tmp_path: Path) -> Iterator[Courthouse]:
    """A deployment whose node has claimed nothing yet; buyer, owner and operator have money."""
    world = World(anvil, tmp_path)
    for key in (world.cast.buyer, world.cast.owner, world.cast.operator):
        world.endow(key)
    world.connect()
    house = Courthouse(world, tmp_path)
    yield house
    house.kill()


def fill_bench(house: Courthouse) -> None:
    """Three jurors at work."""
    for _ in range(3):
        house.start(house.add_juror())
    house.world.later(1)


def says(juror: Agent, *words: str) -> Any:
    """What `suanli node` tells programs about a juror."""
    answer = CliRunner().invoke(node_app, ["--home", str(juror.home.folder), *words, "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_three_agents_find_a_false_claim_false_and_share_its_bond(house: Courthouse) -> None:
    fill_bench(house)
    bundle = house.work(GOOD, result="0x" + "ee" * 32)
    house.publish(bundle, module(GOOD))
    before = house.stake_of_claimant()
    dispute = house.dispute(bundle)
    assert house.seen_stake_of_claimant() == (before, RULES.claim_bond)
    for juror in house.jurors:
        house.wait_for(juror, "SEALED")
        (duty,) = says(juror, "duties")
        assert (duty["dispute"], duty["claim"]) == (dispute.id, bundle.lease.message.id())
        assert (duty["state"], duty["verdict"]) == ("SEALED", "FALSE")
    house.world.later(TO_OPENING)
    for juror in house.jurors:
        house.wait_for(juror, "OPENED")
    house.world.later(TO_APPEAL)
    assert house.resolve(dispute) is Ruling.FALLS
    assert before - house.stake_of_claimant() == RULES.claim_bond
    assert [house.earned(juror) for juror in house.jurors] == [RULES.juror_fee] * 3


def test_three_agents_uphold_a_true_claim(house: Courthouse) -> None:
    fill_bench(house)
    bundle = house.work(GOOD, inputs={"data": b"what it reads"})
    house.publish(bundle, module(GOOD), b"what it reads")
    dispute = house.dispute(bundle)
    for juror in house.jurors:
        house.wait_for(juror, "SEALED")
    house.world.later(TO_OPENING)
    for juror in house.jurors:
        house.wait_for(juror, "OPENED")
        assert says(juror, "duties")[0]["verdict"] == "TRUE"
    house.world.later(TO_APPEAL)
    assert house.resolve(dispute) is Ruling.STANDS


@pytest.mark.parametrize("point", ["after:VERDICT", "before:SEALED", "after:SEALED", "before:OPENED"])
def test_a_juror_killed_anywhere_opens_its_own_seal_after_the_restart(house: Courthouse, point: str) -> None:
    juror, others = house.add_juror(), [house.add_juror() for _ in range(2)]
    bundle = house.work(GOOD)
    house.publish(bundle, module(GOOD))
    house.world.later(1)
    house.start(juror, **{VARIABLE: point})
    dispute = house.dispute(bundle)
    if point == "before:OPENED":
        house.wait_for(juror, "SEALED")
        house.world.later(TO_OPENING)
    assert juror.wait_until_ended() < 0
    (kept,) = juror.query("SELECT salt, result FROM duties")
    assert kept["salt"]
    house.start(juror)
    if point != "before:OPENED":
        house.wait_for(juror, "SEALED")
        juror.kill()
        house.world.later(TO_OPENING)
        house.start(juror)
    house.wait_for(juror, "OPENED")
    assert juror.query("SELECT salt, result FROM duties") == [kept]
    house.world.later(TO_APPEAL)
    house.resolve(dispute)
    assert [house.slashed(one) for one in (juror, *others)] == [0, RULES.juror_slash, RULES.juror_slash]


def test_a_juror_without_inputs_abstains_and_loses_nothing(house: Courthouse) -> None:
    juror = house.add_juror()
    for _ in range(2):
        house.add_juror()
    house.start(juror)
    house.world.later(1)
    dispute = house.dispute(house.work(GOOD))
    waiting = eventually(lambda: juror.query("SELECT * FROM duties WHERE reason <> ''"))
    assert waiting[0]["reason"] == "INPUT_UNAVAILABLE"
    house.world.later(RULES.commit_seconds * 7 // 8)
    house.wait_for(juror, "SEALED")
    house.world.later(TO_OPENING)
    house.wait_for(juror, "OPENED")
    (duty,) = says(juror, "duties")
    assert duty["verdict"] == "UNAVAILABLE"
    assert "nowhere" in duty["grounds"]
    house.world.later(TO_APPEAL)
    assert house.resolve(dispute) is Ruling.UNDECIDED
    assert house.slashed(juror) == 0


def test_a_juror_without_gas_money_says_so_and_seals_once_it_has_some(house: Courthouse) -> None:
    juror = house.add_juror(gas=0)
    for _ in range(2):
        house.add_juror()
    house.start(juror)
    bundle = house.work(GOOD)
    house.publish(bundle, module(GOOD))
    house.world.later(1)
    house.dispute(bundle)
    eventually(lambda: juror.query("SELECT * FROM duties WHERE reason = 'TRANSACTION_REFUSED'"))
    status = says(juror, "status")
    assert juror.node.address in status["gas_for_judging"]
    (duty,) = status["duties"]
    assert (duty["state"], duty["reason"]) == ("JUDGED", "TRANSACTION_REFUSED")
    assert "drawn as juror" in juror.log.read_text()
    house.give_gas(juror.node.address)
    house.wait_for(juror, "SEALED")
    assert says(juror, "status")["gas_for_judging"] == "enough"


def test_an_owner_whose_key_is_at_home_pays_the_gas_of_a_node_without(house: Courthouse) -> None:
    juror = house.add_juror(gas=0, owner_at_home=True)
    for _ in range(2):
        house.add_juror()
    house.start(juror)
    bundle = house.work(GOOD)
    house.publish(bundle, module(GOOD))
    house.world.later(1)
    house.dispute(bundle)
    house.wait_for(juror, "SEALED")
    assert says(juror, "status")["gas_for_judging"] == "enough"


def test_a_node_that_left_still_judges_and_its_agent_ends_with_the_last_duty(house: Courthouse) -> None:
    juror = house.add_juror()
    for _ in range(2):
        house.add_juror()
    bundle = house.work(GOOD)
    house.publish(bundle, module(GOOD))
    house.world.later(1)
    house.dispute(bundle)
    house.world.send("GridRegistry", "disconnect", juror.node.address, sender=juror.owner.address)
    house.start(juror)
    house.wait_for(juror, "SEALED")
    house.world.later(TO_OPENING)
    assert juror.wait_until_ended() == 0
    assert [row["state"] for row in juror.query("SELECT state FROM duties")] == ["OPENED"]


def test_a_node_judges_on_the_second_panel_too(house: Courthouse) -> None:
    for _ in range(10):
        house.add_juror()
    bundle = house.work(GOOD)
    house.publish(bundle, module(GOOD))
    house.world.later(1)
    dispute = house.dispute(bundle)
    first = house.panel(dispute, 0)
    house.world.later(TO_OPENING + TO_APPEAL)
    house.court.escalate(dispute.claim, dispute.challenge, house.world.relayer)
    house.draw(dispute)
    juror = next(one for one in house.jurors if one.node.address not in first)
    house.start(juror)
    assert house.wait_for(juror, "SEALED")["round"] == 1
    house.world.later(TO_OPENING)
    house.wait_for(juror, "OPENED")
    assert says(juror, "duties")[0]["verdict"] == "TRUE"
