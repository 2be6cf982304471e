"""The single writer's log: replayed it gives the same state; of two writers only the later writes."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from market.core.holds import Holds
from market.core.spot.desk import Desk, free_digest
from market.db.session import transaction
from market.services.floor import look
from market.writer.clock import Clock
from market.writer.log import Log, Written
from market.writer.writer import Writer
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.quotes import TakeRequest
from tests.integration.writer.grid import BUYER, ITEM, runtime_for, stock, wants, writing


async def replayed(engine: Engine) -> Holds:
    """What somebody who only reads the log makes of it."""
    log = await Log.connect(engine.url)
    log.term, log.number, log.at, log.occupied = await log.position()
    found = await log.recovered()
    await log.close()
    return found


def desk_of(writer: Writer) -> tuple[str, bytes]:
    """Digests of a writer's holds and of its free slots."""
    assert writer.desk is not None
    return writer.desk.holds.digest(), free_digest(writer.desk)


def test_who_starts_again_goes_on_bit_for_bit(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=3, slots=20)
    runtime = runtime_for(engine, tmp_path)

    async def live() -> None:
        async with writing(runtime) as first:
            await asyncio.gather(*(first.take(BUYER, wants(f"k{n}", 4), f"d{n}") for n in range(10)))
            await first.release(BUYER, [1, 2, 3, 40])
            await first.claim(BUYER, "0x" + "ab" * 32, [(5, 0), (6, 1)])
            before = desk_of(first)
            assert (await replayed(engine)).digest() == before[0]
            answer = await first.take(BUYER, wants("k3", 4), "d3")
        async with writing(runtime) as second:
            assert desk_of(second)[1] == before[1]
            assert second.desk is not None
            assert second.desk.holds.number == 46
            assert await second.take(BUYER, wants("k3", 4), "d3") == answer
            with pytest.raises(MarketError) as refused:
                await second.take(BUYER, wants("k3", 5), "other")
            assert refused.value.reason is Reason.MESSAGE_REPLAYED

    asyncio.run(live())


def test_a_snapshot_and_the_tail_give_the_state_of_the_whole_log(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=2, slots=20)
    runtime = runtime_for(engine, tmp_path)

    async def live() -> None:
        async with writing(runtime) as writer:
            await writer.take(BUYER, wants("a", 3), "a")
            assert writer.desk is not None
            assert writer.log is not None
            await writer.log.keep_snapshot(writer.desk.holds)
            await writer.take(BUYER, wants("b", 3), "b")
            await writer.release(BUYER, [1, 4])
            with transaction(engine) as session:
                number = session.execute(text("SELECT number FROM decision_snapshots")).scalar_one()
            assert number == 3
            assert (await replayed(engine)).digest() == writer.desk.holds.digest()

    asyncio.run(live())


def test_a_forged_snapshot_is_not_believed(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=1, slots=20)

    async def live() -> None:
        async with writing(runtime_for(engine, tmp_path)) as writer:
            await writer.take(BUYER, wants("a", 3), "a")
            assert writer.desk is not None
            assert writer.log is not None
            await writer.log.keep_snapshot(writer.desk.holds)
        with transaction(engine) as session:
            session.execute(text("UPDATE decision_snapshots SET digest = 'x'"))
        with pytest.raises(MarketError, match="not what it was"):
            await replayed(engine)

    asyncio.run(live())


def test_of_two_terms_only_the_later_one_writes(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=1, slots=20)

    async def live() -> None:
        async with writing(runtime_for(engine, tmp_path)) as first:
            await first.take(BUYER, wants("a", 2), "a")
            usurper = await Log.connect(engine.url)
            assert not await usurper.lead()
            await usurper.begin("http://elsewhere")
            with pytest.raises(MarketError) as refused:
                await first.take(BUYER, wants("b", 2), "b")
            assert refused.value.reason is Reason.NOT_THE_WRITER
            holds = await usurper.recovered()
            assert (holds.number, set(holds.open)) == (2, {1, 2})
            await usurper.close()

    asyncio.run(live())


def test_a_writer_that_has_not_seen_the_last_clearing_cannot_write(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=1, slots=20)

    async def live() -> None:
        async with writing(runtime_for(engine, tmp_path, look_seconds=60)) as writer:
            with transaction(engine) as session:
                session.execute(text("UPDATE writer SET occupied = occupied + 1"))
            assert writer.log is not None
            number = writer.log.number
            assert await writer.log.append([], writer.log.at) is Written.OCCUPIED
            answer = await writer.take(BUYER, wants("a", 2), "a")
            assert b'"node":"0x' in answer
            assert (writer.log.number, writer.log.occupied) == (number + 2, 1)

    asyncio.run(live())


def test_another_takes_over_when_the_writers_connection_is_cut(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=1, slots=20)
    runtime = runtime_for(engine, tmp_path)

    async def live() -> None:
        async with writing(runtime) as first, writing(runtime, awaited=False) as second:
            await first.take(BUYER, wants("a", 2), "a")
            assert second.desk is None
            with transaction(engine) as session:
                session.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
                )
            while True:
                for writer in (first, second):
                    with contextlib.suppress(MarketError):
                        assert b'"hold":"2"' in await writer.take(BUYER, wants("a", 2), "a")
                        return
                await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(live(), 30))


def test_time_never_goes_back_even_if_the_machines_clock_does() -> None:
    ticks = iter([0.0, 1.0, 2.5])
    clock = Clock(10_000, monotonic=lambda: next(ticks))
    assert [clock.now(), clock.now()] == [11_000, 12_500]
    future = 1 << 60
    assert Clock.after(future).now() >= future


def test_what_was_seen_of_the_nodes_is_one_moment(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=2, slots=7)
    runtime = runtime_for(engine, tmp_path)
    found = look(runtime)
    assert found is not None
    book, seen = found
    assert look(runtime, seen.mark) is None
    with transaction(engine) as session:
        session.execute(text("UPDATE nodes SET draining = true"))
    assert look(runtime, seen.mark) is not None
    assert [node.free_slots for node in book.nodes] == [7, 7]
    assert (seen.occupied, seen.ended) == (0, [])


def test_one_request_for_the_dearest_items_is_decided_and_ends_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    stock(engine, nodes=1, slots=20)
    limits = {**ITEM["limits"], "fuel": (1 << 20) * 10**9, "memoryBytes": 0}
    dearest = {"limits": limits, "maximum_prices": dict.fromkeys(ITEM["maximum_prices"], (1 << 62) - 1)}
    request = TakeRequest.model_validate({"key": "dear", "items": [dearest] * 100})

    async def live() -> None:
        async with writing(runtime_for(engine, tmp_path)) as writer:
            term = writer.log
            answer = await writer.take(BUYER, request, "dear")
            assert answer.count(b'"reason":"NO_NODES"') == 100
            await writer.take(BUYER, wants("a", 2), "a")
            assert writer.log is term

    asyncio.run(asyncio.wait_for(live(), 30))


def test_a_defect_in_one_decision_is_told_and_the_writer_goes_on(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(engine, nodes=1, slots=20)

    def broken(*_: object) -> None:
        monkeypatch.undo()
        raise ZeroDivisionError

    async def live() -> None:
        async with writing(runtime_for(engine, tmp_path)) as writer:
            monkeypatch.setattr(Desk, "take", broken)
            with pytest.raises(MarketError) as refused:
                await writer.take(BUYER, wants("a", 2), "a")
            assert refused.value.reason is Reason.INTERNAL
            while True:
                with contextlib.suppress(MarketError):
                    assert b'"hold":"1"' in await writer.take(BUYER, wants("a", 2), "a")
                    return
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(live(), 30))


def test_who_asks_for_one_answer_again_and_again_is_paced(engine: Engine, tmp_path: Path) -> None:
    stock(engine, nodes=1, slots=20)

    async def live() -> None:
        async with writing(runtime_for(engine, tmp_path, takes_per_second=1)) as writer:
            answer = await writer.take(BUYER, wants("a", 4), "a")
            assert await writer.take(BUYER, wants("a", 4), "a") == answer
            with pytest.raises(MarketError) as refused:
                await asyncio.gather(*(writer.take(BUYER, wants("a", 4), "a") for _ in range(5)))
            assert refused.value.reason is Reason.RATE_LIMITED

    asyncio.run(live())
