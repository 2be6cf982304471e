"""Holds as orders and clearings see them: what an order claimed, and which slots were taken meanwhile."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from market.core.holds import Kind
from suanli.protocol.book import Held
from suanli.protocol.charging import lease_cap
from suanli.protocol.messages import Ask, Limits, Prices
from suanli.protocol.values import Address, Hash

_CLAIMED = sa.text("""
SELECT hold_claims.hold, hold_claims.task, nodes.node, nodes.owner, decisions.body
FROM hold_claims JOIN decisions ON decisions.number = hold_claims.hold
JOIN nodes ON nodes.node = hold_claims.node WHERE hold_claims.job = :job""")
_TAKEN = sa.text(f"""
SELECT decisions.number, nodes.node, nodes.owner, asks.message AS ask, decisions.body
FROM decisions JOIN nodes ON nodes.node = decisions.node
JOIN asks ON asks.id = decisions.body::jsonb ->> 'ask'
WHERE decisions.number = ANY(:numbers) AND decisions.kind = '{Kind.TAKEN}'""")
_TAKEN_SINCE = sa.text(f"""
SELECT node, count(*) FROM decisions WHERE number > :number AND kind = '{Kind.TAKEN}' GROUP BY node""")
_NUMBER = sa.text("SELECT number FROM writer WHERE id = 1")
_OCCUPY = sa.text("UPDATE writer SET occupied = occupied + 1 WHERE id = 1")


@dataclass(frozen=True, slots=True)
class Taken:
    """A hold with what its node asked and offered when it was taken."""

    hold: int
    node: Address
    owner: Address
    ask: Ask
    prices: Prices


def claimed_by(
    session: Session, job: Hash, limits: Limits, ingress: Mapping[int, int]
) -> dict[int, tuple[Held, ...]]:
    """By task: the holds that a job has claimed and that are not served; `ingress` by task, in bytes."""
    found: dict[int, list[Held]] = defaultdict(list)
    for hold, task, node, owner, body in session.execute(_CLAIMED, {"job": job}):
        if task not in ingress:
            continue
        said: dict[str, Any] = json.loads(body)
        prices, minimum = Prices.model_validate(said["prices"]), int(said["minimum_charge"])
        held = Held(
            hold=hold,
            node=node,
            owner=owner,
            ask=said["ask"],
            prices=prices,
            minimum_charge=minimum,
            cap=lease_cap(prices, minimum, limits, ingress[task]),
        )
        found[task].append(held)
    return {task: tuple(sorted(some, key=lambda held: held.hold)) for task, some in found.items()}


def taken(session: Session, numbers: Sequence[int]) -> dict[int, Taken]:
    """Holds by number, ended ones too; those that never were are missing."""
    rows = session.execute(_TAKEN, {"numbers": list(numbers)})
    return {
        number: Taken(
            number, node, owner, Ask.model_validate(ask), Prices.model_validate(json.loads(body)["prices"])
        )
        for number, node, owner, ask, body in rows
    }


def number(session: Session) -> int:
    """Of the last decision."""
    return int(session.execute(_NUMBER).scalar_one())


def occupy(session: Session) -> None:
    """No decision is written until the session ends, and then only by a writer that has looked again."""
    session.execute(_OCCUPY)


def taken_since(session: Session, after: int) -> Counter[Address]:
    """Slots by node that were taken after decision `after`. No decision is written until the session ends."""
    occupy(session)
    rows = session.execute(_TAKEN_SINCE, {"number": after})
    return Counter({str(node): int(count) for node, count in rows})
