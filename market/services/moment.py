"""Now and here, as the rules see it: how long a node may be silent, how far regions are apart."""

import math

from sqlmodel import Session

from market.core.measured import paths_of
from market.db.queries import network
from market.db.queries.book import Surroundings
from market.settings import Settings
from suanli.protocol.book import Moment


def moment_at(settings: Settings, now: int) -> Moment:
    """The moment `now` (seconds since the epoch)."""
    return Moment(now, now - math.ceil(settings.node_silence_seconds))


def surroundings_at(session: Session, settings: Settings, now: int) -> Surroundings:
    """The ways that were measured lately, and where the market's store stands."""
    reports = network.recent(session, now - settings.network_report_seconds)
    return Surroundings(paths_of(reports), settings.store_region)
