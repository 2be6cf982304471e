"""The journal's part about payment: what the node signed for which receipt, and what the chain paid.

A signature is on disk before it leaves the machine, so the node recognises its payment on the chain.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provider_agent.journal import FaultPoint, no_fault, transaction
from provider_agent.payments import ClaimState, ClaimTold
from provider_agent.settlement import Booked, Refusal, Way
from suanli.protocol.messages import Netting, Statement
from suanli.protocol.serials import reference_of
from suanli.protocol.values import Hash

REFERENCE_CHARACTERS = 34
"""Of a receipt's id, `0x` included: what the index of the schema is over."""
_CHUNK = 500
"""SQLite takes only so many parameters in one statement."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One receipt as the chain paid it: the operator's fee in atoms, and the transaction that did it."""

    receipt: Hash
    way: Way
    fee: int
    transaction: Hash


class SettlementJournal:
    """Batches, statements, claims, refusals and payments."""

    def __init__(self, database: sqlite3.Connection, fault: FaultPoint = no_fault) -> None:
        self._database = database
        self._fault = fault

    def booked(self, receipts: Iterable[Hash]) -> dict[Hash, Booked]:
        """Of these receipts, those that are this node's."""
        return {one.receipt: one for one in self._booked("receipt_id", receipts)}

    def booked_under(self, references: Iterable[str]) -> dict[str, Booked]:
        """The node's receipts by the references under which a batch names them."""
        found = self._booked(f"substr(receipt_id, 1, {REFERENCE_CHARACTERS})", references)
        return {reference_of(one.receipt): one for one in found}

    def unpaid(self) -> int:
        """How many receipts the market may have that the chain has not paid."""
        row = self._database.execute(
            "SELECT COUNT(*) AS count FROM leases WHERE state IN ('UPLOADED', 'ACKED')"
            " AND receipt_id NOT IN (SELECT receipt_id FROM settlements)"
        ).fetchone()
        return int(row["count"])

    def unsettled(self) -> int:
        """How many receipts of any lease, delivered or not, the chain has not paid: a claim pays each."""
        row = self._database.execute(
            "SELECT COUNT(*) AS count FROM leases WHERE receipt_id IS NOT NULL"
            " AND receipt_id NOT IN (SELECT receipt_id FROM settlements)"
        ).fetchone()
        return int(row["count"])

    def claimed(self) -> list[Hash]:
        """The leases whose receipts are under an open claim."""
        return [row["lease"] for row in self._database.execute("SELECT lease FROM claims")]

    def receipt_of(self, lease: Hash) -> Hash | None:
        """The lease's receipt, if it has one here."""
        row = self._database.execute("SELECT receipt_id FROM leases WHERE lease = ?", (lease,)).fetchone()
        return None if row is None else row["receipt_id"]

    def receipts_under(self, serials: Iterable[int]) -> list[tuple[Hash, int]]:
        """The receipts of the leases that hold these serials, with their amounts in atoms."""
        found: list[tuple[Hash, int]] = []
        for part in _parts([str(serial) for serial in serials]):
            marks = ", ".join("?" * len(part))
            rows = self._database.execute(
                "SELECT receipt_id, amount FROM serials JOIN leases USING (lease)"
                f" WHERE serials.serial IN ({marks}) AND receipt_id IS NOT NULL",
                part,
            )
            found += [(row["receipt_id"], int(row["amount"])) for row in rows]
        return found

    def sign_batch(self, netting: Netting, signature: str, receipts: Iterable[Hash], now: int) -> None:
        """The node signs a variant of a batch with these receipts of its own."""
        self._fault("before:BATCH")
        with transaction(self._database, durable=True):
            row = (netting.id(), str(netting.epoch), netting.batch, signature, now)
            self._database.execute("INSERT OR IGNORE INTO batches VALUES (?, ?, ?, ?, ?)", row)
            self._database.executemany(
                "INSERT OR IGNORE INTO batch_receipts VALUES (?, ?)",
                [(netting.id(), receipt) for receipt in receipts],
            )
        self._fault("after:BATCH")

    def sign_statement(
        self, statement: Statement, signature: str, receipts: Iterable[Hash], now: int
    ) -> None:
        """The node signs a statement over these receipts."""
        self._fault("before:STATEMENT")
        with transaction(self._database, durable=True):
            row = (statement.id(), statement.receiptsRoot, statement.model_dump_json(), signature, now)
            self._database.execute("INSERT OR IGNORE INTO statements VALUES (?, ?, ?, ?, ?)", row)
            self._database.executemany(
                "INSERT OR IGNORE INTO statement_receipts VALUES (?, ?)",
                [(statement.id(), receipt) for receipt in receipts],
            )
        self._fault("after:STATEMENT")

    def refuse(self, proposal: Hash, refusal: Refusal, now: int) -> None:
        """The node declines a proposal."""
        with transaction(self._database, durable=False):
            row = (proposal, refusal.reason.value, refusal.detail, now)
            self._database.execute("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?)", row)

    def receipts_of_batch(self, batch: Hash) -> list[tuple[Hash, int]]:
        """This node's receipts in the batch with that keccak256, with their amounts in atoms."""
        rows = self._database.execute(
            "SELECT receipt_id, amount FROM batches JOIN batch_receipts USING (id)"
            " JOIN leases USING (receipt_id) WHERE batch = ?",
            (batch,),
        )
        return [(row["receipt_id"], int(row["amount"])) for row in rows]

    def receipts_of_statement(self, root: Hash) -> list[Hash]:
        """The receipts of the statement whose tree has that root."""
        rows = self._database.execute(
            "SELECT receipt_id FROM statements JOIN statement_receipts USING (id) WHERE root = ?", (root,)
        )
        return [row["receipt_id"] for row in rows]

    def pay(self, payments: Iterable[Payment], claims: Iterable[ClaimTold], scanned: int, now: int) -> None:
        """The chain paid these receipts and changed these claims, and has been read up to block `scanned`."""
        with transaction(self._database, durable=True):
            for told in claims:
                self._note_claim(told)
            self._database.executemany(
                "INSERT OR IGNORE INTO settlements VALUES (?, ?, ?, ?, ?)",
                [(one.receipt, one.way.value, str(one.fee), one.transaction, now) for one in payments],
            )
            self._database.execute(
                "INSERT OR REPLACE INTO facts VALUES ('scanned_block', ?)", (str(scanned),)
            )

    def _note_claim(self, told: ClaimTold) -> None:
        if told.state is ClaimState.OPEN:
            row = (told.lease, told.transaction)
            self._database.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", row)
        else:
            self._database.execute("DELETE FROM claims WHERE lease = ?", (told.lease,))

    def _booked(self, column: str, names: Iterable[str]) -> Iterator[Booked]:
        for part in _parts(list(names)):
            query = _BOOKED.format(column=column, marks=", ".join("?" * len(part)))
            yield from (_from_row(row) for row in self._database.execute(query, part))


_BOOKED = """
SELECT receipt_id, buyer, amount, serial, way, claims.lease AS claimed FROM leases
LEFT JOIN settlements USING (receipt_id) LEFT JOIN claims USING (lease)
WHERE {column} IN ({marks}) AND state IN ('UPLOADED', 'ACKED')
"""


def _from_row(row: sqlite3.Row) -> Booked:
    return Booked(
        receipt=row["receipt_id"],
        buyer=row["buyer"],
        amount=int(row["amount"]),
        serial=int(row["serial"]),
        paid=None if row["way"] is None else Way(row["way"]),
        claimed=row["claimed"] is not None,
    )


def _parts(items: list[Hash]) -> Iterable[list[Hash]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
