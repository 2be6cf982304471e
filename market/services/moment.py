"""Now, as the rules see it: with the settings' idea of how long a node may be silent."""

import math

from market.settings import Settings
from suanli.protocol.book import Moment


def moment_at(settings: Settings, now: int) -> Moment:
    """The moment `now` (seconds since the epoch)."""
    return Moment(now, now - math.ceil(settings.node_silence_seconds))
