"""What a juror finds of a disputed task, by the real sandbox; hostile papers move nobody's verdict."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provider_agent.blobs import BlobCache
from provider_agent.judging.calldata import ClaimedTask
from provider_agent.judging.duty import Verdict
from provider_agent.judging.replay import JUROR_LIMITS, Replay, refusal, verdict_on
from provider_agent.judging.stores import Stores, open_store
from provider_agent.sealing import task_seed
from suanli.protocol.documents import BlobReference, TaskSpec, content_hash
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits
from suanli.protocol.reasons import Reason
from tests.integration.agent.bench import LIMITS, Bench, module, on, run
from tests.integration.agent.grid import limits
from tests.integration.agent.programs import GOOD, forever, program

ORDER, RECEIPT = "0x" + "0a" * 32, "0x" + "0b" * 32
ENDLESS = program(forever())


class Jury:
    """One juror with a store that holds what the test puts there."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.shown = bench, list[TaskSpec]()
        self.store = bench.folder / "store"
        self.store.mkdir()

    def serve(self, *blobs: bytes) -> None:
        for data in blobs:
            (self.store / content_hash(data)).write_bytes(data)

    def spec(self, binary: bytes, **changes: Any) -> TaskSpec:
        made = TaskSpec(module=content_hash(binary), module_size=len(binary), arguments=["x"])
        return made.model_copy(update=changes)

    def finds(self, spec: str, within: Limits | None = LIMITS) -> Verdict:
        """The juror's verdict on the task with that specification."""
        task = ClaimedTask(ORDER, 3, spec, within, RECEIPT)
        return on(self.bench, lambda bench: self._replay(bench).verdict(task, 30))

    def declines(self, spec: str, within: Limits | None = LIMITS) -> Reason:
        """Why there is no verdict."""
        with pytest.raises(NodeError) as caught:
            self.finds(spec, within)
        return caught.value.reason

    def _replay(self, bench: Bench) -> Replay:
        cache = bench.folder / "cache"
        cache.mkdir(exist_ok=True)
        stores = Stores([open_store(str(self.store))], BlobCache(cache))
        return Replay(bench.folder / "judging", stores, bench.executor, self._evidence)

    async def _evidence(self, receipt: str) -> TaskSpec:
        await asyncio.sleep(0)
        if receipt != RECEIPT or not self.shown:
            raise NodeError(Reason.NOT_FOUND, "no such receipt")
        return self.shown[0]


@pytest.fixture
def jury(bench: Bench) -> Jury:
    """A juror whose store is empty."""
    return Jury(bench)


def test_a_juror_finds_just_what_an_honest_node_receipts(jury: Jury) -> None:
    data = b"what it reads"
    inputs = [BlobReference(path="data", hash=content_hash(data), size=len(data))]
    spec = jury.spec(module(GOOD), inputs=inputs)
    jury.serve(module(GOOD), data, spec.canonical())
    bench = Bench(jury.bench.folder / "node")
    bench.folder.mkdir()
    done = run(bench, bench.work(GOOD, arguments=["x"], inputs={"data": data}, seed=task_seed(ORDER, 3)))
    assert jury.finds(spec.content_hash()) == verdict_on(spec, done)
    assert not list((jury.bench.folder / "judging").iterdir())


def test_a_specification_that_no_store_has_is_asked_of_the_market_and_checked(jury: Jury) -> None:
    spec = jury.spec(module(GOOD))
    jury.serve(module(GOOD))
    assert jury.declines(spec.content_hash()) is Reason.INPUT_UNAVAILABLE
    jury.shown = [spec.model_copy(update={"arguments": ["a lie"]})]
    assert jury.declines(spec.content_hash()) is Reason.INPUT_UNAVAILABLE
    jury.shown = [spec]
    assert jury.finds(spec.content_hash()).outcome == 0


def test_bytes_under_a_wrong_name_are_no_input(jury: Jury) -> None:
    spec = jury.spec(module(GOOD))
    jury.serve(spec.canonical())
    (jury.store / spec.module).write_bytes(bytes(len(module(GOOD))))
    assert jury.declines(spec.content_hash()) is Reason.INPUT_UNAVAILABLE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: b"no JSON",
        lambda text: b"[" * 100_000,
        lambda text: text.replace(b'"module_size":', b'"module_size":1180591620717411303424'),
        lambda text: text.replace(b'"x"', b'"\\ud800"'),
        lambda text: text.replace(b'"x"', b'"a\\u0000b"'),
        lambda text: text + b" ",
    ],
)
def test_papers_under_which_nobody_can_have_worked_are_found_to_fail(
    jury: Jury, spoil: Callable[[bytes], bytes]
) -> None:
    paper = spoil(jury.spec(module(GOOD)).canonical())
    jury.serve(paper, module(GOOD))
    assert jury.finds(content_hash(paper)) == refusal(Reason.DOCUMENT_MALFORMED)


def test_inputs_above_the_orders_limit_are_not_fetched(jury: Jury) -> None:
    spec = jury.spec(module(GOOD), module_size=10**15)
    jury.serve(spec.canonical())
    assert jury.finds(spec.content_hash()) == refusal(Reason.INPUT_TOO_LARGE)
    endless = LIMITS.model_copy(update={"inputBytes": 10**18})
    assert jury.declines(spec.content_hash(), endless) is Reason.INPUT_TOO_LARGE


def test_a_program_that_uses_up_its_orders_fuel_has_failed_but_an_award_names_no_limit(
    jury: Jury, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = jury.spec(module(ENDLESS))
    jury.serve(module(ENDLESS), spec.canonical())
    found = jury.finds(spec.content_hash(), limits(fuel=10**6))
    assert (found.outcome, found.usage.fuel) == (1, 10**6)
    small = JUROR_LIMITS.model_copy(update={"fuel": 10**6})
    monkeypatch.setattr("provider_agent.judging.replay.JUROR_LIMITS", small)
    assert jury.declines(spec.content_hash(), None) is Reason.FUEL_EXHAUSTED
    assert jury.declines(spec.content_hash(), limits(fuel=10**7)) is Reason.FUEL_EXHAUSTED


def test_a_store_that_sends_without_end_fills_no_disk(jury: Jury) -> None:
    spec = jury.spec(module(GOOD))
    jury.serve(spec.canonical())
    (jury.store / spec.module).write_bytes(bytes(1 << 20))
    assert jury.declines(spec.content_hash()) is Reason.INPUT_UNAVAILABLE
    assert sum(path.stat().st_size for path in Path(jury.bench.folder / "cache").iterdir()) == 0
