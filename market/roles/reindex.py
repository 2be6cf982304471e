"""Rebuilds everything that is derived from the chain, from the first block."""

import time

from market.chain.indexer import Indexer
from market.db.leader import candidate
from market.roles.startup import Parts
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason


def reindex(parts: Parts) -> int | None:
    """The newest indexed block. Raises MarketError(STATE_CONFLICT) while an indexer runs."""
    indexer = Indexer(parts.runtime, parts.chain)
    with candidate(parts.runtime.engine, "indexer") as lead:
        if not lead.take():
            raise MarketError(Reason.STATE_CONFLICT, "an indexer is running; stop it first")
        indexer.forget(int(time.time()))
        while indexer.step(int(time.time())):
            lead.check()
    return indexer.indexed_block()
