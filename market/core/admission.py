"""Admission: what an order must fulfil before the market takes it, as far as its own content tells. Pure."""

from pydantic import ValidationError

from market.core.quote import LEAST_PER_COPY
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.documents import JobSpec
from suanli.protocol.errors import MarketError
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import JobOrder, Limits, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

LONGEST_DEADLINE_SECONDS = 366 * 24 * 3600


def check_order(order: JobOrder, spec: JobSpec, operator: Address, now: int) -> None:
    """Raises MarketError with the first thing that is wrong with an order and its specification.

    `operator` is this market's: the contracts count only leases of the one that the order names.
    """
    if order.operator != operator:
        detail = f"the order names the operator {order.operator}, this market is {operator}'s"
        raise MarketError(Reason.WRONG_OPERATOR, detail, operator=operator)
    check_deadline(order.deadline, now)
    check_policy(order.policy, order.replicas)
    check_limits(order.limits)
    check_budget(order)
    if order.tasks != len(spec.tasks):
        detail = f"the order names {order.tasks} tasks, the specification has {len(spec.tasks)}"
        raise MarketError(Reason.DOCUMENT_MALFORMED, detail)
    if order.specRoot != (root := spec_root(spec)):
        detail = f"the specification's root is {root}, the order names {order.specRoot}"
        raise MarketError(Reason.HASH_MISMATCH, detail)
    _check_inputs(order.limits, spec)


def check_deadline(deadline: int, now: int) -> None:
    """The deadline (seconds since the epoch) lies ahead, and within a year."""
    if deadline <= now:
        detail = f"the deadline {deadline} passed {now - deadline} s ago"
        raise MarketError(Reason.MESSAGE_EXPIRED, detail, now=now)
    if deadline > now + LONGEST_DEADLINE_SECONDS:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"the deadline {deadline} is more than a year away")


def check_policy(policy: int, replicas: int) -> None:
    """The policy is one that the market knows."""
    if policy not in set(VerificationPolicy):
        raise MarketError(Reason.POLICY_UNSUPPORTED, f"there is no verification policy {policy}")
    if replicas < 1:
        raise MarketError(Reason.POLICY_UNSUPPORTED, "a task needs at least one replica")
    if policy == VerificationPolicy.BUYER and replicas != 1:
        detail = "a buyer who judges each result gets one copy of each task"
        raise MarketError(Reason.POLICY_UNSUPPORTED, detail)


def check_budget(order: JobOrder) -> None:
    """The budget has an atom or more for each copy, however low prices are: no order comes for nothing."""
    needed = LEAST_PER_COPY * order.tasks * max(1, order.replicas)
    if order.budget < needed:
        detail = f"{order.tasks} tasks in {order.replicas} copies need {needed} atoms, it is {order.budget}"
        raise MarketError(Reason.BUDGET_TOO_SMALL, f"the budget is too small: {detail}", needed=str(needed))


def check_limits(limits: Limits) -> None:
    """The usage at the limits fits the messages that carry it."""
    try:
        usage_at_limits(limits, limits.inputBytes)
    except ValidationError as error:
        detail = "the limits of fuel and memory multiply to more than a usage can state"
        raise MarketError(Reason.MESSAGE_MALFORMED, detail) from error


def _check_inputs(limits: Limits, spec: JobSpec) -> None:
    for index, task in enumerate(spec.tasks):
        ingress = task.input_bytes()
        if ingress > limits.inputBytes:
            detail = f"task {index} has {ingress} bytes of module and inputs, at most {limits.inputBytes}"
            raise MarketError(Reason.INPUT_TOO_LARGE, detail, task=index)
        paths = {reference.path for reference in task.inputs}
        if len(paths) < len(task.inputs):
            raise MarketError(Reason.DOCUMENT_MALFORMED, f"task {index} has two inputs at one path")
