"""An agent at work for a real market on a real chain: from the order to the money in its owner's account."""

import time

from market.db.session import transaction
from market.db.tables.connect import NodeRow
from provider_agent.effects import WORK_BYTES
from suanli.protocol.messages import Outcome
from tests.integration.agent.grid import BUYER, Agent, Grid, eventually, key, limits
from tests.integration.agent.programs import GOOD, forever, print_memory, program, text

ENDLESS = program(print_memory(4096, 5) + forever(), data=text(4096, "begun"))


def test_a_task_is_run_verified_settled_and_paid_to_the_owner(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    grid.world.delegate(BUYER, grid.world.runtime.deployment.operator, cap=5_000_000)
    before = grid.world.account(BUYER.address).balance
    job = grid.place([GOOD, GOOD])
    done = grid.wait_for(job, "SETTLED")
    spent = int(done["spent"])
    assert int(done["settled"]) == spent > 0
    assert grid.world.account(BUYER.address).balance == before - spent
    fee = sum(int(lease["amount"]) * 500 // 10_000 for lease in grid.leases(job))
    assert grid.world.on_chain("Ledger", "accountOf", agent.owner.address)[0] == spent - fee
    eventually(lambda: len(agent.query("SELECT fee FROM settlements")) == 2)
    assert sum(int(row["fee"]) for row in agent.query("SELECT fee FROM settlements")) == fee
    assert set(agent.states()) == {"ACKED"}
    assert agent.stop() == 0


def test_two_nodes_agree_on_a_result(grid: Grid) -> None:
    agents = [grid.agent(number) for number in (1, 2)]
    for agent in agents:
        agent.start()
    job = grid.place([GOOD], replicas=2)
    grid.wait_for(job, "FINISHED", "SETTLED")
    leases = grid.leases(job)
    assert len({lease["node"] for lease in leases}) == 2
    assert len({(lease["result"], str(lease["usage"])) for lease in leases}) == 1


def test_a_bad_task_fails_with_its_reason_and_the_rest_of_the_job_goes_on(grid: Grid) -> None:
    grid.agent(1).start()
    job = grid.place([GOOD, b"not WebAssembly", program(forever()), program("unreachable"), GOOD])
    grid.wait_for(job, "FINISHED", "SETTLED")
    tasks = grid.stage.ok("GET", f"/jobs/{job}/tasks", BUYER)["items"]
    manifests = [grid.manifest(task["result"]) for task in tasks]
    assert [one.reason and one.reason.value for one in manifests] == [
        None, "MODULE_INVALID", "FUEL_EXHAUSTED", "PROGRAM_TRAPPED", None,
    ]  # fmt: skip
    assert [one.outcome for one in manifests].count(Outcome.COMPLETED) == 2


def test_a_log_is_streamed_while_the_program_runs(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    job = grid.place([ENDLESS], limits=limits(fuel=10**12, wallSeconds=30))
    lease = eventually(lambda: grid.leases(job))[0]["id"]
    eventually(lambda: grid.stage.call("GET", f"/leases/{lease}/log", agent.node).content == b"begun")
    assert agent.states() == ["RUNNING"]


def test_a_buyer_who_cannot_pay_gets_no_work_done(grid: Grid) -> None:
    """The market believes in the money; the chain does not."""
    agent = grid.agent(1)
    grid.world.send(BUYER, "Ledger", "thaw", 9_999_990)
    eventually(lambda: grid.world.account(BUYER.address).thawing)
    grid.stage.fund(BUYER, 10_000_000)
    agent.start()
    grid.stop_role("indexer")
    job = grid.place([GOOD])
    eventually(lambda: "HANDED_BACK" in agent.states())
    (row, *_) = agent.query("SELECT reason, starts FROM leases")
    assert (row["reason"], row["starts"]) == ("NOT_FUNDED", 0)
    told = eventually(lambda: grid.leases(job)[0]["reason"])
    assert told["reason"] == "NOT_FUNDED"


def test_a_node_whose_disk_is_full_of_work_takes_no_more(grid: Grid) -> None:
    """Results that it could not deliver lie there; once there is room again, work comes again."""
    agent = grid.agent(1)
    agent.start()
    eventually(lambda: grid.ask_of(agent))
    left_over = agent.home.work / "left over"
    with left_over.open("wb") as file:
        file.truncate(WORK_BYTES + 1)
    eventually(lambda: draining(grid, agent))
    job = grid.place([GOOD])
    left_over.unlink()
    eventually(lambda: not draining(grid, agent))
    grid.wait_for(job, "FINISHED", "SETTLED")
    assert set(agent.states()) <= {"FINISHED", "UPLOADED", "ACKED"}


def draining(grid: Grid, agent: Agent) -> bool:
    with transaction(grid.world.runtime.engine) as session:
        return session.get_one(NodeRow, agent.node.address).draining


def test_a_cancelled_job_stops_its_runner(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    job = grid.place([ENDLESS], limits=limits(fuel=10**12, wallSeconds=600))
    eventually(lambda: agent.states() == ["RUNNING"])
    grid.stage.ok("POST", f"/jobs/{job}/cancel", BUYER)
    eventually(lambda: agent.states() == ["FENCED"])
    eventually(lambda: not list(agent.home.work.iterdir()))


def test_a_run_that_takes_too_long_here_is_handed_back(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    grid.place([ENDLESS], limits=limits(fuel=10**12, wallSeconds=1))
    eventually(lambda: "HANDED_BACK" in agent.states())
    assert agent.query("SELECT reason FROM leases")[0]["reason"] == "WALL_CLOCK_EXCEEDED"


def test_an_agent_that_is_told_to_end_hands_back_and_is_gone_in_seconds(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    job = grid.place([ENDLESS], limits=limits(fuel=10**12, wallSeconds=600))
    eventually(lambda: agent.states() == ["RUNNING"])
    began = time.monotonic()
    assert agent.stop() == 0
    assert time.monotonic() - began < 30
    assert agent.states() == ["HANDED_BACK"]
    assert grid.leases(job)[0]["reason"]["reason"] == "NODE_DRAINING"


def test_a_second_agent_on_one_home_refuses_to_start(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    eventually(lambda: agent.home.journal.exists() and agent.home.is_locked())
    again = grid.twin(agent)
    again.start()
    assert again.wait_until_ended() == 1
    assert "STATE_CONFLICT" in again.log.read_text()
    assert agent.ended() is None


def test_work_goes_on_while_the_chain_is_gone_and_settlement_catches_up(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    grid.world.delegate(BUYER, grid.world.runtime.deployment.operator, cap=5_000_000)
    first = grid.place([GOOD])
    grid.wait_for(first, "SETTLED")
    grid.world.deployed.anvil.stop()
    second = grid.place([GOOD])
    grid.wait_for(second, "FINISHED")
    assert agent.states() == ["ACKED", "ACKED"]
    grid.world.deployed.anvil.start()
    grid.wait_for(second, "SETTLED")
    eventually(lambda: len(agent.query("SELECT fee FROM settlements")) == 2)


def test_a_new_price_reaches_the_market_within_seconds(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    nonce = eventually(lambda: grid.ask_of(agent))["nonce"]
    text_before = agent.home.ask.read_text()
    agent.home.ask.write_text(text_before.replace('gigafuel = "0.0005"', 'gigafuel = "0.0007"'))
    eventually(lambda: grid.ask_of(agent)["nonce"] != nonce)
    assert grid.ask_of(agent)["prices"]["fuel"] == str(700 * 10**6)
    grid.wait_for(grid.place([GOOD]), "FINISHED")


def test_a_lease_signed_by_somebody_else_is_not_run(grid: Grid) -> None:
    """The market's operator key is not the one that the node was made for."""
    agent = grid.agent(1)
    other = key(77).address
    wrong = grid.world.runtime.deployment.model_copy(update={"operator": other})
    agent.home.deployment.write_text(wrong.model_dump_json())
    agent.start()
    assert agent.wait_until_ended() == 1
    assert "WRONG_CHAIN" in agent.log.read_text()


def test_a_nodes_log_and_result_are_bytes_that_anyone_can_check(grid: Grid) -> None:
    grid.agent(1).start()
    job = grid.place([GOOD], inputs={"data": b"12345"})
    grid.wait_for(job, "FINISHED", "SETTLED")
    (lease,) = grid.leases(job)
    (output,) = grid.manifest(lease["result"]).outputs
    assert (output.path, grid.blob(output.hash)) == ("good.txt", b"what a good program writes")
    assert int(lease["usage"]["egress"]) == output.size


def test_an_order_that_was_cancelled_on_chain_gets_no_work_done(grid: Grid) -> None:
    """The market has not seen the cancellation; what is done for the order now could never be claimed."""
    agent = grid.agent(1)
    grid.stop_role("indexer")
    grid.world.send(BUYER, "Bidding", "cancel", 777)
    agent.start()
    grid.place([GOOD], nonce=777)
    eventually(lambda: "HANDED_BACK" in agent.states())
    (row, *_) = agent.query("SELECT reason, starts FROM leases")
    assert (row["reason"], row["starts"]) == ("JOB_CANCELLED", 0)
