"""Many claims at once: what one cannot have takes nothing from the others."""

import json
import sqlite3
from pathlib import Path

from suanli.protocol.evidence import EvidenceBundle
from tests.integration.audit_court import RULES
from tests.integration.audit_world import STAKE, TOKENS, World
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import Desk


def test_a_node_claims_as_much_as_its_stake_backs_and_the_rest_afterwards(world: World, desk: Desk) -> None:
    most = (STAKE - RULES.juror_slash) // RULES.claim_bond
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


def test_who_leaves_with_its_journal_claims_all_of_it_before_its_stake_is_out(
    world: World, desk: Desk
) -> None:
    """More receipts than the stake backs at once: the exit claims, closes and claims again, then leaves."""
    most = (STAKE - RULES.juror_slash) // RULES.claim_bond
    bundles = world.work("leaving", tasks=most + 2)
    journal, owner = write_journal(desk.folder / "journal.sqlite3", bundles), world.cast.owner
    (choice,) = desk.run(owner, "exit", "status", "--journal", journal)["choices"]
    due = sum(one.receipt.message.amount for one in bundles)
    assert (choice["what"], int(choice["stake"])) == (f"claim {most + 2} unpaid receipts", due)
    with clock_running(world.anvil, step=200):
        left = desk.run(owner, "exit", "all", "--wait", "--poll", "0.2", "--journal", journal)
    assert left["out"]
    assert [one["step"] for one in left["sent"]].count("openClaims") == 2
    assert desk.tokens(owner.address) == TOKENS + due


def write_journal(path: Path, bundles: list[EvidenceBundle]) -> str:
    """The bundles as an agent journals them."""
    with sqlite3.connect(path) as journal:
        journal.execute("CREATE TABLE leases (lease, assignment, receipt, created_at)")
        for at, bundle in enumerate(bundles):
            whole = bundle.model_dump(mode="json")
            assignment = json.dumps({name: whole[name] for name in ("lease", "order", "spec", "proof")})
            row = (at, assignment, json.dumps(whole["receipt"]), at)
            journal.execute("INSERT INTO leases VALUES (?, ?, ?, ?)", row)
    return str(path)
