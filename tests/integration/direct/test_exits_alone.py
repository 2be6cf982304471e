"""Everyone's own ways out, typed at a command line while no market answers."""

from eth_account import Account

from suanli.protocol.court_rules import CourtRules
from tests.integration.audit_court import Court
from tests.integration.audit_world import STAKE, TOKENS, World
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import Desk

RULES = CourtRules.development()


def test_a_provider_is_paid_by_claims_and_leaves_with_everything(world: World, desk: Desk) -> None:
    bundles = world.work("alone", tasks=3)
    owner, due = world.cast.owner, sum(one.receipt.message.amount for one in bundles)
    opened = desk.run(owner, "claim", "open", str(world.evidence))
    assert [len(one["claims"]) for one in opened["opened"]] == [3]  # one transaction for the order
    again = desk.run(owner, "claim", "open", str(world.evidence))
    assert again["opened"] == []
    assert len(again["skipped"]) == 3
    assert len(desk.run(owner, "claim", "close")["waiting"]) == 3
    world.later(RULES.claim_window_seconds + 1)
    assert len(desk.run(owner, "claim", "close")["closed"]) == 3
    assert {one["why"] for one in desk.run(owner, "claim", "open", str(world.evidence))["skipped"]} == {
        "it is paid"
    }
    with clock_running(world.anvil):
        left = desk.run(owner, "exit", "all", "--wait", "--poll", "0.2")
    assert left["out"]
    assert desk.tokens(owner.address) == TOKENS + due


def test_a_buyer_withdraws_balance_and_reservation_with_the_market_dead(world: World, desk: Desk) -> None:
    buyer = world.cast.buyer
    (bundle,) = world.work("reserved", tasks=1)
    world.reserve(bundle)
    budget = bundle.order.message.budget
    kinds = {one["kind"]: int(one["amount"]) for one in desk.run(buyer, "exit", "status")["places"]}
    assert kinds == {"balance": TOKENS - budget, "reservation": budget}
    desk.run(buyer, "exit", "cancel", str(bundle.order.message.nonce))
    assert not desk.run(buyer, "exit", "all")["out"]  # the grace for claims is not over
    with clock_running(world.anvil):
        left = desk.run(buyer, "exit", "all", "--wait", "--poll", "0.2", "--to", world.relayer)
    assert left["out"]
    assert (desk.tokens(buyer.address), desk.tokens(world.relayer)) == (TOKENS - budget, budget)


def test_an_exit_interrupted_between_steps_goes_on(world: World, desk: Desk) -> None:
    owner = world.cast.owner
    names = []
    for _ in range(3):
        names.append([one["step"] for one in desk.run(owner, "exit", "step")["sent"]])
    assert names == [["disconnect", "thaw"], ["withdraw"], ["thaw"]]
    assert desk.tokens(owner.address) == TOKENS - STAKE


def test_a_challenger_wins_before_three_jurors(world: World, desk: Desk) -> None:
    court = Court(world)
    court.add_fleet(3)
    world.work("false", tasks=1)
    owner, challenger = world.cast.owner, world.cast.operator
    world.endow(challenger)
    (claim,) = desk.run(owner, "claim", "open", str(world.evidence))["opened"][0]["claims"]
    desk.run(challenger, "challenge", "open", claim)
    world.anvil.mine(2)
    drawn = desk.run(challenger, "challenge", "draw", claim)
    verdict = desk.folder / "verdict.json"
    usage = {"fuel": "1", "memoryFuel": "1", "ingress": "1", "egress": "1"}
    verdict.write_text(f'{{"outcome": 0, "result": "0x{"ee" * 32}", "usage": {usage}}}'.replace("'", '"'))
    fleet = (Account.from_key(bytes([80 + number]) * 32) for number in range(3))
    jurors = [key for key in fleet if key.address in drawn["jurors"]]
    assert len(jurors) == 3
    for juror in jurors:
        seal = ("challenge", "commit", claim, "--verdict", str(verdict))
        assert desk.run(juror, *seal)[0]["transaction"]
        (again,) = desk.run(juror, *seal)
        assert (again["transaction"], again["sealed"]) == (None, True)
        (kept,) = (desk.folder / juror.address / "verdicts").iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600
    world.later(RULES.commit_seconds + 1)
    for juror in jurors:
        assert desk.run(juror, "challenge", "open-verdict", claim)[0]["transaction"]
        assert desk.run(juror, "challenge", "open-verdict", claim)[0]["transaction"] is None
    too_early = desk.run(challenger, "challenge", "resolve", claim, code=1)
    assert "PhaseNotBegun" in too_early["detail"]
    world.later(RULES.open_seconds + RULES.appeal_seconds + 1)
    desk.run(challenger, "challenge", "resolve", claim)
    assert desk.run(challenger, "challenge", "list") == []
    prize = (RULES.claim_bond - 3 * RULES.juror_fee) // 2
    (left,) = desk.run(challenger, "exit", "status")["places"]
    assert int(left["amount"]) == TOKENS + prize
