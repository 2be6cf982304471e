"""What the node earned, from its own journal: per receipt, per job, per dimension. Reads only."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from suanli.protocol.messages import Lease, Receipt
from suanli.protocol.states import RunState
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM, charge_lines
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import Assignment


@dataclass(frozen=True, slots=True)
class Earning:
    """One receipt. Money in atoms; `lines` are micro-atoms by dimension, before minimum charge and rounding.

    `fee` is the operator's part once it was paid; `way` is None until then; `claimed` says that the node has
    claimed it before the court, which has not decided yet.
    """

    receipt: Hash
    lease: Hash
    job: Hash
    task: int
    buyer: Address
    finished_at: int
    amount: int
    fee: int
    way: str | None
    transaction: Hash | None
    claimed: bool
    usage: dict[str, int]
    lines: dict[str, int]

    @property
    def net(self) -> int:
        """What is the node's of it."""
        return self.amount - self.fee

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; money and usage as decimal strings."""
        value = asdict(self)
        counts = {
            name: {key: str(number) for key, number in value[name].items()} for name in ("usage", "lines")
        }
        return {**value, **counts, "amount": str(self.amount), "fee": str(self.fee), "net": str(self.net)}


@dataclass(frozen=True, slots=True)
class JobEarning:
    """All receipts of one job together. Money in atoms."""

    job: Hash
    buyer: Address
    receipts: int
    amount: int
    paid: int
    fee: int
    by_dimension: dict[str, int]
    """Atoms, rounded down; the minimum charge and rounding make up the rest of `amount`."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; money as decimal strings."""
        money = {name: str(getattr(self, name)) for name in ("amount", "paid", "fee")}
        dimensions = {name: str(atoms) for name, atoms in self.by_dimension.items()}
        return {**asdict(self), **money, "by_dimension": dimensions}


def earnings(database: sqlite3.Connection) -> list[Earning]:
    """Every receipt that the market took, or that was paid or claimed without it, oldest first."""
    rows = database.execute(
        "SELECT leases.*, way, fee, settlements.transaction_hash, claims.lease AS claimed FROM leases"
        " LEFT JOIN settlements USING (receipt_id) LEFT JOIN claims USING (lease) WHERE receipt IS NOT NULL"
        " AND (state IN (?, ?) OR way IS NOT NULL OR claims.lease IS NOT NULL) ORDER BY created_at, lease",
        (RunState.UPLOADED.value, RunState.ACKED.value),
    )
    return [_earning(row) for row in rows]


def by_job(receipts: Iterable[Earning]) -> list[JobEarning]:
    """Earnings added up by job, in the order of their first receipts."""
    jobs: dict[Hash, list[Earning]] = defaultdict(list)
    for one in receipts:
        jobs[one.job].append(one)
    return [_job(job, items) for job, items in jobs.items()]


def _job(job: Hash, items: list[Earning]) -> JobEarning:
    return JobEarning(
        job=job,
        buyer=items[0].buyer,
        receipts=len(items),
        amount=sum(one.amount for one in items),
        paid=sum(one.net for one in items if one.way is not None),
        fee=sum(one.fee for one in items),
        by_dimension={
            dimension.name: sum(one.lines[dimension.name] for one in items) // MICRO_ATOMS_PER_ATOM
            for dimension in DIMENSIONS
        },
    )


def _earning(row: sqlite3.Row) -> Earning:
    lease: Lease = Assignment.model_validate_json(row["assignment"]).lease.message
    receipt = Signed[Receipt].model_validate_json(row["receipt"]).message
    names = [dimension.name for dimension in DIMENSIONS]
    return Earning(
        receipt=row["receipt_id"],
        lease=row["lease"],
        job=row["job"],
        task=lease.task,
        buyer=row["buyer"],
        finished_at=row["changed_at"],
        amount=receipt.amount,
        fee=int(row["fee"] or 0),
        way=row["way"],
        transaction=row["transaction_hash"],
        claimed=row["claimed"] is not None,
        usage=dict(zip(names, receipt.usage.vector(), strict=True)),
        lines=dict(zip(names, charge_lines(lease.prices, receipt.usage), strict=True)),
    )
