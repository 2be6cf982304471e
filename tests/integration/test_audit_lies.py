"""Whatever an RPC tells falsely, one value at a time, of an event or of a view: the auditor names it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from suanli.audit.chain import Event
from suanli.audit.invariants import invariants
from suanli.protocol.errors import SuanliError
from tests.integration.anvil import Anvil
from tests.integration.audit_lies import Asked, Witness, altered, left_out, places, retold
from tests.integration.audit_world import World
from tests.integration.test_audit_invariants import everything_happened

UNTOLD = {
    *(f"Authority.RoleGranted.{name}" for name in ("since", "newMember")),
    *(f"Authority.RoleLabel.{name}" for name in ("roleId", "label")),
    *(f"GridRegistry.NodeConnected.{name}" for name in ("terms", "benchmark")),
    *("Ledger.Deposited.payer", "Ledger.Withdrawn.to", "EpochAnchors.Anchored.uri"),
    *("GridRegistry.Paused.account", "EpochAnchors.EquivocationProved.first"),
    "EpochAnchors.EquivocationProved.second",
}
"""What no view repeats and no money hangs on. Terms are held against their signatures by `trace`."""
UNMISSED = {"Authority.RoleLabel", "Authority.RoleGranted", "Bidding.Cancelled"}
"""Events about somebody whom nothing else names, so that no view is asked about them."""


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    """The memory of a deployment in which everything happened once, and of one honest audit of it."""
    folder = tmp_path_factory.mktemp("lies")
    anvil = Anvil(folder)
    anvil.start()
    try:
        world = everything_happened(World(anvil, folder))
        made = Witness(anvil.rpc_url, world.deployment)
        assert failed(made) == set()
        yield made
    finally:
        anvil.kill()


@pytest.fixture
def witness(memory: Witness) -> Iterator[Witness]:
    """Tells the truth before and after a test."""
    yield memory
    memory.be_honest()


def failed(witness: Witness) -> set[str]:
    """The checks that do not hold, or the reason why there is nothing to check."""
    try:
        return {one.name for one in invariants(witness, lambda what, done, total: None).failed()}
    except SuanliError as error:
        return {error.reason.value}


def happened(witness: Witness, place: Callable[[list[Event]], Event]) -> dict[str, Event]:
    """One event of each kind, by its name."""
    kinds: dict[str, list[Event]] = {}
    for event in witness.told:
        kinds.setdefault(f"{event.contract}.{event.name}", []).append(event)
    return {name: place(events) for name, events in kinds.items()}


def test_every_altered_value_of_every_event_is_named(witness: Witness) -> None:
    unnamed = set()
    for name, event in happened(witness, lambda events: events[-1]).items():
        for place in places(event.arguments):
            witness.tale = partial(retold, changed=event, place=place)
            if not failed(witness):
                unnamed.add(".".join([name, *map(str, place)]))
    assert unnamed == UNTOLD


def test_every_event_that_is_left_out_is_named(witness: Witness) -> None:
    unnamed = set()
    for name, event in happened(witness, lambda events: events[0]).items():
        witness.tale = partial(left_out, missing=event)
        if not failed(witness):
            unnamed.add(name)
    assert unnamed == UNMISSED


def test_every_altered_answer_of_every_view_is_named(witness: Witness) -> None:
    fullest: dict[tuple[str, str], tuple[Asked, Any]] = {}
    for asked, answer in witness.answers.items():
        known = fullest.get(asked[:2])
        if known is None or fullness(answer) > fullness(known[1]):
            fullest[asked[:2]] = asked, answer
    unnamed = set()
    for asked, answer in fullest.values():
        for place in places(answer):
            witness.lie = asked, altered(answer, place)
            if not failed(witness):
                unnamed.add(".".join([*asked[:2], *map(str, place)]))
    assert unnamed == set()


def fullness(answer: Any) -> int:
    """How much an answer tells: views of what is not there say zeroes."""
    text = repr(answer)
    return len(text) - text.count("0")


def test_jurors_whom_the_seed_did_not_draw_are_named(witness: Witness) -> None:
    drawn = happened(witness, lambda events: events[0])["ClaimCourt.PanelDrawn"]
    panel = drawn.arguments["panel"]
    first, second, third = (panel >> 32 * seat & 0xFFFFFFFF for seat in range(3))
    swapped = second | first << 32 | third << 64
    witness.tale = lambda events: [
        told if told is not drawn else changed(told, panel=swapped) for told in events
    ]
    assert "panel_seed" in failed(witness)
    assert "panel" not in failed(witness)


def changed(event: Event, **said: Any) -> Event:
    """The event with other arguments."""
    return Event(
        **{name: getattr(event, name) for name in Event.__slots__ if name != "arguments"},
        arguments=event.arguments | said,
    )


def test_another_seed_would_have_drawn_others(witness: Witness) -> None:
    witness.hashes = lambda block: "0x" + f"{block:064x}"
    assert "panel_seed" in failed(witness)


def test_a_fault_that_the_chain_does_not_know_is_named(witness: Witness) -> None:
    known = [asked for asked, answer in witness.answers.items() if asked[1] == "isProved" and answer]
    assert len(known) == 1
    witness.lie = known[0], False
    assert failed(witness) == {"fault_proved"}
