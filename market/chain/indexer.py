"""Follows the chain: the only writer of what the chain decides.

One range of blocks is one transaction, so a crash repeats a range or has done it. Block hashes are kept; when
the chain's differ, everything above the common ancestor is undone and read again.
"""

from collections.abc import Sequence

import structlog
from sqlmodel import Session, col, delete, select
from web3.types import LogReceipt

from market.chain import fates, views
from market.chain.client import Block, Chain
from market.chain.contracts import Contracts
from market.chain.events import Touch, account, words
from market.chain.facts import ConnectedTerms, FactReader, Facts
from market.db.queries import serials
from market.db.session import transaction
from market.db.tables.chain import (
    AccountRow,
    BlockRow,
    ClaimRecordRow,
    DelegationRow,
    PaidWordRow,
    ReservationRow,
    Touched,
    TouchRow,
)
from market.db.tables.connect import NodeRow
from market.runtime import Runtime
from market.services import settled, taken
from market.services.step import step

_DERIVED = (BlockRow, TouchRow, AccountRow, DelegationRow, PaidWordRow, ClaimRecordRow, ReservationRow)
"""The tables that hold nothing but what the chain says; nodes' rows stay, for others refer to them."""

_log = structlog.get_logger("indexer")


class Indexer:
    """Brings the market's picture of the chain up to the newest confirmed block, range by range."""

    def __init__(self, runtime: Runtime, chain: Chain) -> None:
        self._runtime = runtime
        self._settings = runtime.settings
        self._chain = chain
        self._contracts = Contracts(runtime.deployment)
        self._facts = FactReader(chain, self._contracts)

    def step(self, now: int) -> bool:
        """Indexes one range, or undoes what a reorganisation took. Returns whether there may be more to do.

        Raises ChainError(CHAIN_UNREACHABLE); nothing is half done by it.
        """
        cursor = self._cursor()
        if cursor is not None and not self._is_on_chain(cursor):
            self.rewind(now)
            return True
        newest = self._chain.head() - self._settings.confirmations
        first = self._runtime.deployment.first_block if cursor is None else cursor.number + 1
        last = min(newest, first + self._settings.index_blocks_maximum - 1)
        if last >= first and not self._index(cursor, first, last, newest, now):
            return True
        self._decide_fates(last if cursor is None else max(last, cursor.number), now)
        return last < newest

    def rewind(self, now: int) -> None:
        """Undoes everything above the highest block that is still on the chain."""
        ancestor = self._common_ancestor()
        above = self._runtime.deployment.first_block - 1 if ancestor is None else ancestor
        touched = self._touched_above(above)
        reading = {} if ancestor is None else views.read(self._chain, self._contracts, touched, ancestor)
        with step(self._runtime) as session:
            if ancestor is None:
                self._forget_everything(session)
            views.write(session, reading)
            session.exec(delete(TouchRow).where(col(TouchRow.block) > above))
            session.exec(delete(BlockRow).where(col(BlockRow.number) > above))
            settled.undo(session, above, now)
            taken.judge(session, now)
            fates.undo(session, above)
        _log.warning("reorganised", ancestor=ancestor, rows=len(touched))

    def forget(self, now: int) -> None:
        """Empties everything that is derived from the chain, to be rebuilt by `step` from the first block."""
        with step(self._runtime) as session:
            self._forget_everything(session)
            settled.undo(session, -1, now)
            taken.judge(session, now)

    def indexed_block(self) -> int | None:
        """The newest block of which everything is known."""
        cursor = self._cursor()
        return None if cursor is None else cursor.number

    def _cursor(self) -> BlockRow | None:
        with transaction(self._runtime.engine) as session:
            return session.exec(select(BlockRow).order_by(col(BlockRow.number).desc()).limit(1)).first()

    def _is_on_chain(self, row: BlockRow) -> bool:
        found = self._chain.block(row.number)
        return found is not None and found.hash == row.hash

    def _index(self, cursor: BlockRow | None, first: int, last: int, newest: int, now: int) -> bool:
        """Indexes a range; False when the chain changed meanwhile and nothing was written."""
        depth = self._settings.reorganisation_depth
        logs = self._chain.logs(self._contracts.watched, first, last)
        blocks = self._chain.blocks(range(max(first, last - depth + 1), last + 1))
        if not _is_one_chain(cursor, first, last, blocks, logs):
            return False
        events = [event for log in logs if (event := self._contracts.event(log)) is not None]
        facts = self._facts.facts(events)
        # a pruned node keeps no old state; far behind, the newest state is read, and read again on the way
        at = last if newest - last < depth else newest
        reading = views.read(self._chain, self._contracts, self._with_dependants(facts), at)
        with step(self._runtime) as session:
            self._write(session, facts, reading, blocks, now)
            if at == last:
                taken.judge(session, now)
        _log.debug("indexed", first=first, last=last, events=len(events))
        return True

    def _write(
        self, session: Session, facts: Facts, reading: views.Reading, blocks: Sequence[Block], now: int
    ) -> None:
        views.write(session, reading)
        for connected in facts.terms:
            _keep_terms(session, connected)
        for batch in facts.batches:
            settled.batch_settled(session, batch.id, batch.epoch, batch.packed, batch.landed, now)
        for batch in facts.root_batches:
            settled.root_settled(session, batch.id, batch.epoch, batch.packed, batch.landed, now)
        for one in facts.statements:
            settled.statement_settled(session, one.statement, one.marks, one.landed, now)
        for paid in facts.paid_claims:
            settled.claim_paid(session, paid.id, paid.landed, now)
        for account_, nonce in facts.cancelled:
            settled.cancelled(session, account_, nonce, now)
        for block, touches in facts.touches.items():
            session.add_all(_touch_row(block, touch) for touch in touches)
        session.add_all(BlockRow(number=block.number, hash=block.hash) for block in blocks)
        deep = blocks[-1].number - self._settings.reorganisation_depth
        session.exec(delete(BlockRow).where(col(BlockRow.number) <= deep))
        session.exec(delete(TouchRow).where(col(TouchRow.block) <= deep))

    def _with_dependants(self, facts: Facts) -> set[Touch]:
        """The touched rows and what changes with them: a payment uses up its buyer's delegations, too."""
        touched = facts.touched()
        with transaction(self._runtime.engine) as session:
            if facts.unreadable:
                touched.update(account(one) for one in session.exec(select(AccountRow.address)))
                touched.update(Touch(Touched.PAID_WORD, *place) for place in serials.words(session))
            decided = serials.of_leases(session, facts.decided_claims)
            touched.update(touch for node, serial in decided for touch in words(node, [serial]))
            return touched | _delegations(session, touched)

    def _common_ancestor(self) -> int | None:
        with transaction(self._runtime.engine) as session:
            rows = session.exec(select(BlockRow).order_by(col(BlockRow.number).desc())).all()
        blocks = {block.number: block.hash for block in self._chain.blocks([row.number for row in rows])}
        return next((row.number for row in rows if blocks.get(row.number) == row.hash), None)

    def _touched_above(self, block: int) -> set[Touch]:
        with transaction(self._runtime.engine) as session:
            rows = session.exec(select(TouchRow).where(TouchRow.block > block)).all()
            touched = {Touch(Touched(row.kind), row.first, row.second) for row in rows}
            return touched | _delegations(session, touched)

    def _forget_everything(self, session: Session) -> None:
        for table in _DERIVED:
            session.exec(delete(table))
        views.reset_nodes(session, session.exec(select(NodeRow)).all())

    def _decide_fates(self, last: int, now: int) -> None:
        found = fates.of_intents(self._runtime.engine, self._chain, last)
        if found:
            with step(self._runtime) as session:
                fates.write(session, found)


def _delegations(session: Session, touched: set[Touch]) -> set[Touch]:
    """The known delegations of touched accounts."""
    accounts = {touch.first for touch in touched if touch.kind is Touched.ACCOUNT}
    query = select(DelegationRow).where(col(DelegationRow.account).in_(accounts))
    return {Touch(Touched.DELEGATION, row.account, row.delegate) for row in session.exec(query)}


def _keep_terms(session: Session, connected: ConnectedTerms) -> None:
    node = session.get(NodeRow, connected.terms.node)
    if node is not None:
        node.terms = connected.terms
        node.owner_signature = connected.owner_signature
        node.node_signature = connected.node_signature


def _touch_row(block: int, touch: Touch) -> TouchRow:
    return TouchRow(block=block, kind=touch.kind, first=touch.first, second=touch.second)


def _is_one_chain(
    cursor: BlockRow | None, first: int, last: int, blocks: Sequence[Block], logs: Sequence[LogReceipt]
) -> bool:
    """Whether what was read one after the other belongs to one chain, which follows the cursor."""
    hashes = {block.number: block.hash for block in blocks}
    if last not in hashes or any(
        hashes.get(log["blockNumber"], _hex(log["blockHash"])) != _hex(log["blockHash"]) for log in logs
    ):
        return False
    return cursor is None or blocks[0].number > first or blocks[0].parent == cursor.hash


def _hex(data: bytes) -> str:
    return "0x" + bytes(data).hex()
