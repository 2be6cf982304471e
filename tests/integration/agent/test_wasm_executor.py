"""What a well-behaved program sees and leaves: the same on every node, and what it does in plain wasmtime."""

import asyncio
import os
import platform
import signal
import sys
from pathlib import Path

import pytest

from examples.run_plain import load
from provider_agent.executors import wasm
from provider_agent.executors.base import Run
from provider_agent.runner.wasi.file_calls import FUEL_PER_ENTRY
from provider_agent.runner.wasi.memory import HOST_CALL_FUEL
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason
from tests.integration.agent.bench import LIMITS, Bench, log_of, on, outputs_of, run
from tests.integration.agent.programs import (
    CREATE,
    DATA_AT,
    DIRECTORY,
    GOOD,
    PATH_AT,
    READ_WRITE,
    TRUNCATE,
    forever,
    open_path,
    print_memory,
    program,
    read,
    text,
    write,
)

EXAMPLES = Path(__file__).parents[3] / "examples"
HELLO = EXAMPLES / "hello" / "hello.wasm"
NAMES = {"names.txt": b"Grace\n"}


def probe(body: str, length: int) -> str:
    """A program that leaves what `body` put at DATA_AT as its output."""
    save = open_path("out/seen", CREATE | TRUNCATE, READ_WRITE) + write("(local.get $fd)", DATA_AT, length)
    return program(body + save, data=text(PATH_AT, "out/seen"))


def seen(bench: Bench, body: str, length: int, **changes: object) -> bytes:
    work = bench.work(probe(body, length), **changes)  # type: ignore[arg-type]
    return outputs_of(work, run(bench, work))["seen"]


def test_hello_greets_and_its_output_log_and_usage_are_exact(bench: Bench) -> None:
    work = bench.work(HELLO.read_bytes(), arguments=["hello", "Ada"], inputs=NAMES)
    result = run(bench, work)
    assert (result.outcome, result.exit_code, result.reason) == (Outcome.COMPLETED, 0, None)
    assert outputs_of(work, result) == {"hello.txt": b"Hello, Ada!\nHello, Grace!\n"}
    assert log_of(work) == b"Hello, Ada!\nHello, Grace!\n"
    assert result.memory_bytes % 65536 == 0
    assert 0 < result.fuel < 10**6


@pytest.mark.parametrize(
    ("name", "arguments", "inputs"),
    [
        ("hello", ["hello", "秦九韶"], NAMES),
        ("hello", ["hello"], {}),
        ("sweep", ["sweep", "volatility=0.2 strike=100", "steps=8", "paths=2000"], {}),
    ],
)  # fmt: skip
def test_the_examples_leave_what_they_leave_in_plain_wasmtime(
    bench: Bench, tmp_path: Path, name: str, arguments: list[str], inputs: dict[str, bytes]
) -> None:
    binary = EXAMPLES / name / f"{name}.wasm"
    plain = tmp_path / "plain"
    (plain / "in").mkdir(parents=True)
    for path, data in inputs.items():
        (plain / "in" / path).write_bytes(data)
    expected = load(binary).run(plain, arguments)
    work = bench.work(binary.read_bytes(), arguments=arguments, inputs=inputs)
    result = run(bench, work)
    assert result.exit_code == expected.exit_code == 0
    left = {str(path.relative_to(plain / "out")): path.read_bytes() for path in (plain / "out").rglob("*")}
    assert outputs_of(work, result) == left
    assert log_of(work).decode() == expected.log
    assert result.fuel > expected.fuel, "host calls cost fuel on top of the program's own"


def test_two_nodes_get_equal_results_whatever_else_they_do(bench: Bench, tmp_path: Path) -> None:
    """The one with a cold module cache and four tasks at once, the other warm and alone."""
    other = Bench(tmp_path / "other")
    other.folder.mkdir()

    async def crowded(here: Bench) -> list[Run]:
        works = [here.work(HELLO.read_bytes(), arguments=["hello", "Ada"], inputs=NAMES) for _ in range(4)]
        return list(await asyncio.gather(*(here.run(work) for work in works)))

    async def alone(here: Bench) -> list[Run]:
        return [
            await here.run(here.work(HELLO.read_bytes(), arguments=["hello", "Ada"], inputs=NAMES))
            for _ in range(2)
        ]

    results = [*on(bench, crowded), *on(other, alone)]
    assert all(result == results[0] for result in results)


CLOCKS = "".join(
    f"(call $check (call $clock (i32.const {clock}) (i64.const 1) (i32.const {DATA_AT + 8 * clock})))"
    for clock in (0, 1)
)


def test_clocks_stand_still(bench: Bench) -> None:
    first = seen(bench, CLOCKS, 16)
    assert int.from_bytes(first[:8], "little") == 1_767_225_600 * 10**9
    assert int.from_bytes(first[8:], "little") == 0
    assert seen(bench, CLOCKS + forever_but(1000) + CLOCKS, 16) == first


def forever_but(count: int) -> str:
    return f"""(loop $spin (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $spin (i32.lt_u (local.get $i) (i32.const {count}))))"""


def test_sleeping_moves_the_clock_and_takes_no_time(bench: Bench) -> None:
    sleep = """(i64.store (i32.const 24) (i64.const 5000000000)) (i32.store (i32.const 16) (i32.const 1))
        (call $check (call $poll (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 600)))"""
    after = seen(bench, sleep + CLOCKS, 16)
    assert int.from_bytes(after[8:], "little") == 5 * 10**9


def test_the_bits_of_a_nan_are_defined(bench: Bench) -> None:
    """Zero by zero: the processor's default on x86-64, where every node has the same machine code."""
    body = f"(f64.store (i32.const {DATA_AT}) (f64.div (f64.const 0) (f64.load (i32.const 8192))))"
    fixed = sys.platform == "linux" and platform.machine() == "x86_64"
    expected = 0xFFF8 if fixed else 0x7FF8
    assert int.from_bytes(seen(bench, body, 8), "little") == expected << 48


def test_random_bytes_depend_on_the_seed_alone(bench: Bench) -> None:
    draw = f"(call $check (call $random (i32.const {DATA_AT}) (i32.const 10000)))"
    first = seen(bench, draw, 10000)
    assert seen(bench, draw, 10000) == first
    assert seen(bench, draw, 10000, seed=b"\1" * 32) != first
    assert len(set(first)) > 200


def test_directories_list_their_names_in_the_order_of_their_bytes(bench: Bench) -> None:
    """Inputs come in any order; entries carry number, inode, length, kind, name."""
    body = (
        open_path("in", DIRECTORY, READ_WRITE & 2).replace(str(PATH_AT), "2048", 1)
        + f"""(call $check (call $fd_readdir (local.get $fd) (i32.const {DATA_AT}) (i32.const 400)
            (i64.const 0) (i32.const {0x40})))"""
    )
    source = probe(body, 400).replace("(data (i32.const 1024)", text(2048, "in") + "(data (i32.const 1024)")
    listings = []
    for names in (["b", "a", "é", "Z"], ["Z", "é", "a", "b"]):
        work = bench.work(source, inputs={name: name.encode() for name in names})
        listings.append(outputs_of(work, run(bench, work))["seen"])
    raw = listings[0]
    names, at = [], 0
    while (length := int.from_bytes(raw[at + 16 : at + 20], "little")) and at < 350:
        names.append(raw[at + 24 : at + 24 + length].decode())
        at += 24 + length
    assert names == [".", "..", "Z", "a", "b", "é"]
    assert [name for name in names if name.encode() in listings[1]] == names


def test_every_entry_of_a_directory_that_is_listed_costs_fuel(bench: Bench) -> None:
    """The call with room for no more than one name sorts them all."""
    listing = open_path("in", DIRECTORY) + (
        f"(call $check (call $fd_readdir (local.get $fd) (i32.const {DATA_AT}) (i32.const 24)"
        " (i64.const 0) (i32.const 64)))"
    )
    source = program(listing, data=text(PATH_AT, "in"))

    def fuel(count: int) -> int:
        inputs = {f"{number:03}": b"x" for number in range(count)}
        return run(bench, bench.work(source, inputs=inputs)).fuel

    assert fuel(100) - fuel(1) == 99 * FUEL_PER_ENTRY


def test_the_environment_is_the_specifications_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUANLI_SECRET", "do not leak")
    source = """(module
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (drop (call $get (i32.const 100) (i32.const 1000)))
        (i32.store (i32.const 32) (i32.const 1000)) (i32.store (i32.const 36) (i32.load (i32.const 4)))
        (drop (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 64)))))"""
    work = bench.work(source, environment={"CITY": "上海", "A": "1"})
    run(bench, work)
    assert log_of(work) == "CITY=上海\0A=1\0".encode()


def test_a_host_call_costs_fuel_and_so_does_every_byte(bench: Bench) -> None:
    def fuel(body: str) -> int:
        return run(bench, bench.work(program(body))).fuel

    once, twice = fuel("(drop (call $yield))"), fuel("(drop (call $yield)) (drop (call $yield))")
    assert twice - once == HOST_CALL_FUEL + 1
    many, few = (fuel(f"(drop (call $random (i32.const 0) (i32.const {n})))") for n in (1000, 10))
    assert many - few == 990


def test_files_can_be_written_sought_read_renamed_and_removed(bench: Bench) -> None:
    """out/a is written, read back through a seek, renamed to out/b; a scratch file is removed."""
    body = f"""
      {open_path("out/a", CREATE | TRUNCATE, READ_WRITE)}
      {write("(local.get $fd)", DATA_AT, 5)}
      (call $check (call $fd_seek (local.get $fd) (i64.const 1) (i32.const 0) (i32.const 64)))
      {read(4096, 100)} {print_memory(4096, 4)}
      (call $check (call $fd_close (local.get $fd)))
      (call $check (call $rename (i32.const 3) (i32.const {PATH_AT}) (i32.const 5)
        (i32.const 3) (i32.const 2048) (i32.const 7)))
      (call $check (call $mkdir (i32.const 3) (i32.const 2060) (i32.const 3)))
      (call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const 2060) (i32.const 5)
        (i32.const {CREATE}) (i64.const {READ_WRITE}) (i64.const 0) (i32.const 0) (i32.const 64)))
      (call $check (call $unlink (i32.const 3) (i32.const 2060) (i32.const 5)))
      (call $check (call $mkdir (i32.const 3) (i32.const 2080) (i32.const 5)))
      (call $check (call $rename (i32.const 3) (i32.const 2048) (i32.const 7)
        (i32.const 3) (i32.const 2080) (i32.const 7)))"""
    data = text(PATH_AT, "out/a") + text(DATA_AT, "hello") + text(2048, "./out/b") + text(2060, "tmp/x")
    work = bench.work(program(body, data=data + text(2080, "out/d/c")))
    result = run(bench, work)
    assert (result.exit_code, result.reason) == (0, None)
    assert outputs_of(work, result) == {"d/c": b"hello"}
    assert log_of(work) == b"ello"


def test_scratch_space_counts_while_it_is_used_and_not_after(bench: Bench) -> None:
    """Three files of 600 KiB fit a limit of one MiB when each is removed before the next is made."""
    size = 600 * 1024
    one = f"""{open_path("tmp", CREATE | TRUNCATE, READ_WRITE)} {write("(local.get $fd)", 0, size)}
      (call $check (call $fd_close (local.get $fd)))"""
    removed = one + f"(call $check (call $unlink (i32.const 3) (i32.const {PATH_AT}) (i32.const 3)))"
    fits = program(removed * 3, data=text(PATH_AT, "tmp"), pages=16)
    assert run(bench, bench.work(fits)).outcome is Outcome.COMPLETED
    kept = (
        one
        + open_path("out/b", CREATE, READ_WRITE).replace(str(PATH_AT), "2048")
        + write("(local.get $fd)", 0, size)
    )
    too_much = program(kept, data=text(PATH_AT, "tmp") + text(2048, "out/b"), pages=16)
    assert run(bench, bench.work(too_much)).reason is Reason.OUTPUT_EXCEEDED


def test_a_runner_that_dies_hands_back_and_the_next_one_works(bench: Bench) -> None:
    endless = bench.work(program(forever()), limits=LIMITS.model_copy(update={"fuel": 10**15}))

    async def scene(here: Bench) -> Run:
        started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        running = asyncio.create_task(
            here.executor.run(endless, lambda process: started.set_result(process[0]))
        )
        os.kill(await started, signal.SIGKILL)
        with pytest.raises(NodeError, match="RUNNER_CRASHED"):
            await running
        return await here.run(here.work(GOOD))

    assert on(bench, scene).outcome is Outcome.COMPLETED


def test_a_damaged_cache_of_compiled_code_is_made_anew(bench: Bench) -> None:
    first = run(bench, bench.work(GOOD))
    (compiled,) = bench.executor._compiled.glob("*.cwasm")
    compiled.write_bytes(b"not machine code")
    assert run(bench, bench.work(GOOD)) == first
    assert compiled.read_bytes() != b"not machine code"


def test_the_cache_of_compiled_code_keeps_what_was_used_last(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Buyers bring as many modules as they like; the oldest make room before the next one is compiled."""
    monkeypatch.setattr(wasm, "COMPILED_MODULES", 2)
    for count in range(1, 5):
        run(bench, bench.work(program(forever_but(count))))
        run(bench, bench.work(GOOD))
    kept = list(bench.executor._compiled.glob("*.cwasm"))
    good = bench.work(GOOD).spec.module.removeprefix("0x")
    assert len(kept) <= 3
    assert any(path.name.startswith(good) for path in kept)


def test_a_second_runner_in_one_folder_ends_at_once(bench: Bench) -> None:
    endless = bench.work(program(forever()), limits=LIMITS.model_copy(update={"fuel": 10**15}))

    async def scene(here: Bench) -> None:
        started = asyncio.Event()
        running = asyncio.create_task(here.executor.run(endless, lambda process: started.set()))
        await started.wait()
        while not (endless.run_folder / "lock").exists():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        second = await here.nursery.run(endless.run_folder)
        assert await second.ended != 0
        assert not running.done()
        running.cancel()

    on(bench, scene)


def test_an_input_that_vanishes_is_the_nodes_fault(bench: Bench) -> None:
    opens = program(open_path("in/data") + read(4096, 10), data=text(PATH_AT, "in/data"))
    work = bench.work(opens, inputs={"data": b"x"})
    work.blobs[work.spec.inputs[0].hash].unlink()

    async def scene(here: Bench) -> None:
        with pytest.raises(NodeError, match="RUNNER_CRASHED"):
            await here.run(work)

    on(bench, scene)
