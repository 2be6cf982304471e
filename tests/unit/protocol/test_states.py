"""The tables of states are whole: every state has a row, can be reached, and leads to a final one."""

from collections.abc import Mapping
from enum import Enum

import pytest

from suanli.protocol import states

TABLES = {
    "node": (states.NODE, states.NodeState),
    "job": (states.JOB, states.JobState),
    "task": (states.TASK, states.TaskState),
    "lease": (states.LEASE, states.LeaseState),
    "payment": (states.PAYMENT, states.PaymentState),
    "run": (states.RUN, states.RunState),
}


def reachable(table: Mapping[Enum, frozenset[Enum]], start: Enum) -> set[Enum]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = set(table[waiting.pop()]) - found
        found |= fresh
        waiting += fresh
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_state_has_a_row_and_is_reached_from_the_first(name: str) -> None:
    table, kind = TABLES[name]
    assert set(table) == set(kind) == reachable(table, next(iter(kind)))


@pytest.mark.parametrize("name", [name for name in TABLES if name != "payment"])
def test_every_state_leads_to_a_final_one(name: str) -> None:
    table, kind = TABLES[name]
    for state in kind:
        assert any(states.is_final(table, end) for end in reachable(table, state))


def test_a_settled_payment_moves_back_only_by_a_reorganisation() -> None:
    assert states.may(states.PAYMENT, states.PaymentState.SETTLED, states.PaymentState.SENT)
    assert not states.may(states.PAYMENT, states.PaymentState.SETTLED, states.PaymentState.DUE)


def test_an_accepted_task_stays_accepted() -> None:
    assert states.is_final(states.TASK, states.TaskState.ACCEPTED)
