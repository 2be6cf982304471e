import asyncio
import threading

from market.services.wakes import Wakes


def test_a_thread_is_woken_by_its_topic_only() -> None:
    wakes, woken = Wakes(), threading.Event()
    threading.Thread(target=lambda: wakes.wait_blocking("mine", 30) and woken.set(), daemon=True).start()
    while not wakes._waiters:
        threading.Event().wait(0.001)
    wakes.notify("other")
    assert not woken.is_set()
    wakes.notify("mine")
    assert woken.wait(10)


def test_nothing_wakes_nobody() -> None:
    wakes = Wakes()
    assert not wakes.wait_blocking("mine", 0.01)
    assert not asyncio.run(wakes.wait("mine", 0.01))
    assert not wakes._waiters


def test_a_coroutine_is_woken_from_a_thread() -> None:
    wakes = Wakes()

    async def wait() -> bool:
        waiting = asyncio.create_task(wakes.wait("mine", 30))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        threading.Thread(target=wakes.notify, args=("mine",)).start()
        return await waiting

    assert asyncio.run(wait())


def test_everyone_who_waits_is_woken() -> None:
    wakes = Wakes()

    async def wait() -> list[bool]:
        waiting = [asyncio.create_task(wakes.wait("mine", 30)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        wakes.notify("mine")
        return await asyncio.gather(*waiting)

    assert asyncio.run(wait()) == [True, True, True]
