"""Awareness (算力感知): keeps what each node measured last of the ways to it."""

from sqlmodel import Session

from market.db.queries import nodes
from market.db.tables.connect import NetworkRow
from market.runtime import Runtime
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Region
from suanli.protocol.wire.network import NetworkReport, Probe, Regions

PROBE_BYTES = 1 << 18
PROBE_PATH = "/probe"


def regions(runtime: Runtime, prefix: str) -> Regions:
    """Where the way to each region is measured: the market's own store first, if it says where it stands."""
    settings, home = runtime.settings, runtime.settings.store_region
    elsewhere = [probe for probe in settings.probes if probe.region != home]
    if home is None:
        return Regions(home=None, probes=elsewhere)
    own = Probe(region=home, url=settings.origin + prefix + PROBE_PATH, bytes=PROBE_BYTES)
    return Regions(home=home, probes=[own, *elsewhere])


def keep(session: Session, runtime: Runtime, node: Address, report: NetworkReport, now: int) -> None:
    """Puts a node's report in the place of its last one; ways from where nobody asked for are dropped.

    Raises MarketError(STATE_CONFLICT) when the node's offering does not say that it stands in that region.
    """
    nodes.get(session, node, lock=True)
    ask = nodes.current_ask(session, node)
    stated = None if ask is None or ask.offering is None else ask.offering.region
    if stated != report.region:
        detail = f"the report is of {report.region}, the node's standing offering says {stated or 'nothing'}"
        raise MarketError(Reason.STATE_CONFLICT, detail, region=stated)
    asked = _origins(runtime)
    if ways := [way for way in report.ways if way.origin in asked]:
        kept = report.model_copy(update={"ways": ways})
        session.merge(NetworkRow(node=node, report=kept, received_at=now))


def _origins(runtime: Runtime) -> set[Region | None]:
    return {runtime.settings.store_region, *(probe.region for probe in runtime.settings.probes)}
