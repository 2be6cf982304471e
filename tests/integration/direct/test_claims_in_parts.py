"""Many claims at once: what one cannot have takes nothing from the others."""

from tests.integration.audit_court import RULES
from tests.integration.audit_world import STAKE, TOKENS, World
from tests.integration.direct.conftest import Desk


def test_a_node_claims_as_much_as_its_stake_backs_and_the_rest_afterwards(world: World, desk: Desk) -> None:
    most = STAKE // RULES.claim_bond
    world.work("many", tasks=most + 3)
    owner = world.cast.owner
    first = desk.run(owner, "claim", "open", str(world.evidence))
    assert sum(len(one["claims"]) for one in first["opened"]) == most
    assert len([one for one in first["skipped"] if "free stake" in one["why"]]) == 3
    world.later(RULES.claim_window_seconds + 1)
    desk.run(owner, "claim", "close")
    second = desk.run(owner, "claim", "open", str(world.evidence))
    assert sum(len(one["claims"]) for one in second["opened"]) == 3


def test_a_claim_that_the_court_refuses_spoils_no_other(world: World, desk: Desk) -> None:
    """One receipt charges something wrong."""
    bundles = world.work("spoilt", tasks=4)
    wrong = bundles[1].receipt.message.model_copy(update={"amount": bundles[1].receipt.message.amount + 1})
    world.keep(bundles[1].model_copy(update={"receipt": world.cast.signed(world.cast.node, wrong)}),
               bundles[1].receipt.message.id())  # fmt: skip
    result = desk.outcome(world.cast.owner, "claim", "open", str(world.evidence))
    assert result.exit_code == 1
    assert sum(len(one["claims"]) for one in result.value["opened"]) == 3
    (refused,) = result.value["refused"]
    assert refused["claim"] == bundles[1].lease.message.id()
    assert "WrongAmount" in refused["why"]
    paid = sum(one.receipt.message.amount for one in bundles if one is not bundles[1])
    assert world.contract("Ledger").functions.accountOf(world.cast.buyer.address).call()[0] == TOKENS - paid
