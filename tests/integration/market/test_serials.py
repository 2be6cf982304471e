"""The numbering of leases: dense for each node, by one counter, whatever happens at the same moment."""

import time
from threading import Barrier

import pytest
from sqlmodel import Session, select

from market.db.queries import serials
from market.db.session import transaction
from market.db.tables.connect import AskRow
from market.db.tables.lease import LeaseRow
from tests.integration.market.stage import Stage, key
from tests.integration.market.test_at_once import at_once


def states(stage: Stage, job: str) -> list[str]:
    """The states of the leases of a job's first task."""
    return [lease["state"] for lease in stage.task(job)["leases"]]


def numbers(stage: Stage) -> dict[str, list[int]]:
    """The numbers of each node's leases."""
    found: dict[str, list[int]] = {}
    with Session(stage.runtime.engine) as session:
        for node, serial in session.exec(select(LeaseRow.node, LeaseRow.serial).order_by(LeaseRow.serial)):  # type: ignore[arg-type]
            found.setdefault(node, []).append(serial)
    return found


def test_a_nodes_leases_are_numbered_without_gaps_across_jobs_and_no_number_comes_again(
    stage: Stage,
) -> None:
    provider = stage.provider(10, slots=4)
    jobs = [stage.place(tasks=2), stage.place()]
    stage.clear()
    later = int(time.time()) + 16
    stage.sweep(later)
    provider.heard(later)
    stage.clear(later)
    assert numbers(stage) == {provider.key.address: [0, 1, 2, 3, 4, 5]}
    assert {state for job in jobs for state in states(stage, job)} == {"LOST", "OFFERED"}
    leases = [one.lease.message for one in provider.assignments()]
    assert {lease.serial for lease in leases} == {3, 4, 5}
    with Session(stage.runtime.engine) as session:
        asks = {row.id for row in session.exec(select(AskRow))}
    assert {(lease.ask, lease.epoch) for lease in leases} == {(ask, 2) for ask in asks}


def test_each_node_has_numbers_of_its_own(stage: Stage) -> None:
    first, second = stage.provider(10, slots=2), stage.provider(11, slots=2)
    stage.place(tasks=2, replicas=2)
    assert stage.clear() == 4
    assert numbers(stage) == {first.key.address: [0, 1], second.key.address: [0, 1]}


def test_a_node_whose_serial_is_taken_hands_the_lease_back_without_blame(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    (assignment,) = provider.assignments()
    body = {"reason": "SERIAL_TAKEN", "detail": "serial 0 stands in my journal"}
    stage.ok("POST", f"/leases/{assignment.lease.message.id()}/handback", provider.key, json=body)
    assert states(stage, job) == ["HANDED_BACK"]


def test_serials_taken_at_once_are_dense_and_nobody_waits_for_ever(stage: Stage) -> None:
    """Each transaction takes of both nodes, named in either order, and is slow to commit."""
    nodes = [key(10).address, key(11).address]
    everyone = Barrier(8)

    def take(turn: int) -> dict[str, list[int]]:
        everyone.wait()
        with transaction(stage.runtime.engine) as session:
            names = nodes if turn % 2 else nodes[::-1]
            taken = serials.take(session, dict.fromkeys(names, 3))
            time.sleep(0.02)
            return {name: list(numbers) for name, numbers in taken.items()}

    found = at_once([lambda turn=turn: take(turn) for turn in range(8)])
    for node in nodes:
        assert sorted(number for one in found for number in one[node]) == list(range(24))


def test_serials_of_a_transaction_that_fails_are_given_out_again(stage: Stage) -> None:
    node = key(10).address

    def fail() -> None:
        with transaction(stage.runtime.engine) as session:
            serials.take(session, {node: 5})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with transaction(stage.runtime.engine) as session:
        assert list(serials.take(session, {node: 2})[node]) == [0, 1]
