"""Puts a node's jury duty together from its home and its connections."""

from eth_account.signers.local import LocalAccount

from provider_agent.blobs import BlobCache
from provider_agent.chain import Chain
from provider_agent.client import MarketClient
from provider_agent.executors.base import Executor
from provider_agent.home import Home
from provider_agent.journal import FaultPoint, Journal
from provider_agent.judging.court import Court
from provider_agent.judging.duty_journal import DutyJournal
from provider_agent.judging.judging_loop import JudgingLoop
from provider_agent.judging.purse import open_purse
from provider_agent.judging.replay import Replay
from provider_agent.judging.stores import Stores, open_store
from provider_agent.settings import Settings


def make_judging(
    home: Home,
    settings: Settings,
    key: LocalAccount,
    journal: Journal,
    client: MarketClient,
    chain: Chain,
    executor: Executor,
    fault: FaultPoint,
) -> JudgingLoop:
    """The loop of one node; blobs come from the market first, then from the stores of its settings."""
    stores = Stores([client.download, *map(open_store, settings.stores)], BlobCache(home.blobs))
    return JudgingLoop(
        node=key.address,
        journal=journal,
        duties=DutyJournal(journal.database, fault),
        court=Court(chain),
        replay=Replay(home.judging, stores, executor, client.spec),
        purse=open_purse(chain, key, home),
        timing=settings.timing,
    )
