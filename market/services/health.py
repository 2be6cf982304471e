"""How the market is: what `/health` and `suanli market status` show."""

from sqlmodel import Session, func, select

from market.db import leader
from market.db.queries import outbox
from market.db.tables.chain import BlockRow
from suanli.protocol.wire.common import Health

LOOPS = ("matcher", "settler", "relayer", "indexer", "sweeper", "anchorer")
"""The loops of which one process each is the leader."""


def health_of(session: Session) -> Health:
    """What the database knows: the indexed block, the outbox, the leaders."""
    return Health(
        status="ok",
        indexed_block=session.exec(select(func.max(BlockRow.number))).one(),
        outbox=outbox.depth(session),
        leaders=leader.leaders(session, LOOPS),
    )
