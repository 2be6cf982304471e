"""A node takes on one lease for each of its serials: the contracts would pay no second one."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from provider_agent import stimuli
from provider_agent.effects import LeaseEffects
from provider_agent.home import Home
from provider_agent.instructions import Held
from provider_agent.journal import Journal, open_database
from provider_agent.stimuli import Stimulus
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.nodes import Assignment
from tests.unit.agent.offers import CAST, DOMAIN, NOW, assignment, terms


def declined(folder: Path, *offers: Assignment) -> list[Stimulus]:
    """What the node says to the last of these leases; one that it would take on needs a market and fails."""
    home, told = Home(folder), list[Stimulus]()
    home.make_folders()
    journal = Journal(open_database(home.journal))
    nobody: Any = None
    under = replace(terms(), covered_seconds=1 << 40)
    effects = LeaseEffects(
        home, CAST.node, DOMAIN, journal, nobody, nobody, nobody, nobody, lambda: under, told.append
    )
    for offer in offers:
        lease = offer.lease.message
        journal.add(offer, Held(lease.id(), lease.deadline), NOW)
    asyncio.run(effects.prepare(offers[-1]))
    return told


def test_a_second_lease_under_a_serial_is_declined(tmp_path: Path) -> None:
    """Also when another buyer ordered it: serials count per node."""
    first = assignment(serial=9)
    second = assignment(order_changes={"buyer": CAST.owner.address}, serial=9)
    (said,) = declined(tmp_path, first, second)
    assert isinstance(said, stimuli.Declined)
    assert (said.lease, said.reason) == (second.lease.message.id(), Reason.SERIAL_TAKEN)
    assert first.lease.message.id() in said.detail
