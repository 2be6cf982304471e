"""Hostile and broken programs, for real: each fails with its reason; the node lives and works on."""

import resource
import time
from pathlib import Path

import pytest

from provider_agent.executors.base import Run, Work
from provider_agent.executors.wasm import _collect
from provider_agent.runner.job import STORAGE_FOLDER, Report, ReportedFile
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits, Outcome
from suanli.protocol.reasons import Reason
from tests.integration.agent.bench import LIMITS, MEBIBYTE, Bench, log_of, on, outputs_of, run
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

SECRET = "out/../../../../../../etc/passwd"


def limits(**changes: int) -> Limits:
    return Limits.model_validate(LIMITS.model_dump() | changes)


def fails(bench: Bench, work: Work) -> Run:
    """The result of a bad task, once a good one has run on the same node after it."""

    async def scene(here: Bench) -> Run:
        result = await here.run(work)
        good = here.work(GOOD)
        assert outputs_of(good, await here.run(good)) == {"good.txt": b"what a good program writes"}
        return result

    result = on(bench, scene)
    assert result.outcome is Outcome.PROGRAM_FAILED
    assert result.outputs == ()
    return result


def creates(path: str, then: str, data: str = "") -> str:
    """A program that makes a file and goes on."""
    opened = open_path(path, CREATE | TRUNCATE, READ_WRITE)
    return program(opened + then, data=text(PATH_AT, path) + data)


@pytest.mark.parametrize(
    "binary", [b"", b"#!/bin/sh\nrm -rf /\n", b"\0asm\1\0\0\0\xff\xff", b"\0asm\2\0\0\0", b"\0asm\1\0\0\0"]
)
def test_something_that_is_no_program(bench: Bench, binary: bytes) -> None:
    result = fails(bench, bench.work(binary))
    assert (result.reason, result.fuel, result.exit_code) == (Reason.MODULE_INVALID, 0, None)


def test_a_module_that_wants_more_than_wasi_gives(bench: Bench) -> None:
    wants = '(module (import "env" "system" (func (param i32) (result i32))) (func (export "_start")))'
    assert fails(bench, bench.work(wants)).reason is Reason.MODULE_INVALID


@pytest.mark.parametrize("memory", ["(memory i64 1)", "(memory 1 2 shared)", "(memory 1) (memory 1)"])
def test_a_module_that_uses_what_is_not_deterministic_or_not_metered(bench: Bench, memory: str) -> None:
    assert (
        fails(bench, bench.work(f'(module {memory} (func (export "_start")))')).reason
        is Reason.MODULE_INVALID
    )


def test_an_infinite_loop_uses_up_its_fuel_to_the_last_unit(bench: Bench) -> None:
    result = fails(bench, bench.work(program(forever())))
    assert (result.reason, result.fuel) == (Reason.FUEL_EXHAUSTED, LIMITS.fuel)


def test_a_program_that_is_too_slow_for_the_wall_clock_is_nobodys_fault(bench: Bench) -> None:
    endless = bench.work(program(forever()), limits=limits(fuel=10**15), seconds=1)

    async def scene(here: Bench) -> None:
        with pytest.raises(NodeError, match="WALL_CLOCK_EXCEEDED"):
            await here.run(endless)
        assert (await here.run(here.work(GOOD))).outcome is Outcome.COMPLETED

    on(bench, scene)


GROW = "(loop $again (br_if $again (i32.ne (memory.grow (i32.const {pages})) (i32.const -1)))) {end}"


@pytest.mark.parametrize("end", ["unreachable", "(call $exit (i32.const 1))"])
def test_a_program_that_eats_memory(bench: Bench, end: str) -> None:
    result = fails(bench, bench.work(program(GROW.format(pages=1, end=end))))
    assert result.reason is Reason.MEMORY_EXHAUSTED
    assert result.memory_bytes == LIMITS.memoryBytes


def test_memory_that_is_eaten_is_not_the_nodes(bench: Bench) -> None:
    """Touching every page of the allowed memory works; the machine gives no more than that."""
    fill = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864)) unreachable"
    result = fails(bench, bench.work(program(GROW.format(pages=1, end=fill))))
    assert result.reason is Reason.MEMORY_EXHAUSTED
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert largest < LIMITS.memoryBytes + 512 * MEBIBYTE


def test_a_module_that_starts_with_too_much_memory(bench: Bench) -> None:
    result = fails(bench, bench.work(program("", pages=2000)))
    assert (result.reason, result.fuel) == (Reason.MEMORY_EXHAUSTED, 0)


def test_a_table_cannot_grow_for_ever(bench: Bench) -> None:
    grows = """(module (table 1 funcref) (memory (export "memory") 1) (func (export "_start")
        (loop $again (br_if $again
          (i32.ne (table.grow (ref.null func) (i32.const 1000)) (i32.const -1)))) unreachable))"""
    assert fails(bench, bench.work(grows)).reason is Reason.PROGRAM_TRAPPED
    huge = '(module (table 100000000 funcref) (func (export "_start")))'
    assert fails(bench, bench.work(huge)).reason is Reason.MEMORY_EXHAUSTED


def test_recursion_without_end(bench: Bench) -> None:
    deep = "(func $deep (param i64) (result i64) (i64.add (call $deep (local.get 0)) (i64.const 1)))"
    result = fails(bench, bench.work(program("(drop (call $deep (i64.const 1)))", functions=deep)))
    assert result.reason is Reason.PROGRAM_TRAPPED
    assert 0 < result.fuel < 10**7


def test_ten_gibibytes_of_log(bench: Bench) -> None:
    """Ten gibibytes go through the program's hands; the disk sees 64 KiB."""
    chunk = 16 * MEBIBYTE
    many = program(
        f"""(loop $again {print_memory(0, chunk)}
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 640))))""",
        pages=257,
    )
    enough = bench.work(many, limits=limits(fuel=11 << 30))
    began = time.monotonic()
    result = on(bench, lambda here: here.run(enough))
    assert result.outcome is Outcome.COMPLETED
    assert result.fuel > 10 << 30
    assert len(log_of(enough)) == 64 * 1024
    assert time.monotonic() - began < 60
    too_many = bench.work(many)
    assert fails(bench, too_many).reason is Reason.FUEL_EXHAUSTED
    assert len(log_of(too_many)) == 64 * 1024


def disk_used(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def test_ten_gibibytes_of_output(bench: Bench) -> None:
    """The write that would exceed the limit ends the program; not a byte more reaches the disk."""
    chunk = 256 * 1024
    work = bench.work(
        creates("out/big", forever(write("(local.get $fd)", 0, chunk)), ""), limits=limits(fuel=20 << 30)
    )
    result = fails(bench, work)
    assert result.reason is Reason.OUTPUT_EXCEEDED
    assert disk_used(work.folder) <= LIMITS.outputBytes + MEBIBYTE


@pytest.mark.parametrize(
    "grow",
    [
        "(call $check (call $set_size (local.get $fd) (i64.const 10737418240)))",
        "(call $check (call $fd_allocate (local.get $fd) (i64.const 10737418239) (i64.const 1)))",
        "(call $check (call $fd_seek (local.get $fd) (i64.const 10737418240) (i32.const 0) (i32.const 64)))"
        + write("(local.get $fd)", 0, 1),
    ],
)
def test_ten_gibibytes_of_nothing_are_ten_gibibytes(bench: Bench, grow: str) -> None:
    assert fails(bench, bench.work(creates("out/sparse", grow))).reason is Reason.OUTPUT_EXCEEDED


def leaves(count: int) -> str:
    """A program that leaves so many empty outputs: the last two letters of their names count up."""
    name = "".join(
        f"""(i32.store8 (i32.const {PATH_AT + place}) (i32.add (i32.const 97)
          (i32.rem_u (i32.div_u (local.get $i) (i32.const {weight})) (i32.const 26))))"""
        for place, weight in ((4, 1), (5, 26))
    )
    body = f"""(loop $again {name}
        {open_path("out/aa", CREATE, READ_WRITE)} (call $check (call $fd_close (local.get $fd)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const {count}))))"""
    return program(body, data=text(PATH_AT, "out/aa"))


def test_more_outputs_than_a_task_may_leave(bench: Bench) -> None:
    """Each is a request to the market: their number is bounded as their bytes are."""
    assert fails(bench, bench.work(leaves(257))).reason is Reason.OUTPUT_EXCEEDED
    most = run(bench, bench.work(leaves(256)))
    assert (most.outcome, len(most.outputs)) == (Outcome.COMPLETED, 256)


def test_a_file_opened_as_a_directory_is_not_made_and_the_work_is_paid(bench: Bench) -> None:
    """A name without content behind it would make the node fail, and hand the work back for nothing."""
    opens = open_path("out/x", CREATE | DIRECTORY).replace("$check", "$expect", 1)
    expect = "(func $expect (param i32) (if (i32.ne (local.get 0) (i32.const 54)) (then unreachable)))"
    work = bench.work(program(opens, data=text(PATH_AT, "out/x"), functions=expect))
    result = run(bench, work)
    assert (result.outcome, result.outputs) == (Outcome.COMPLETED, ())
    assert result.fuel > 0


def test_an_empty_output_without_a_file_on_the_host_is_empty(bench: Bench) -> None:
    work = bench.work(GOOD)
    (work.run_folder / STORAGE_FOLDER).mkdir(parents=True)
    report = Report(True, None, "", 0, 1, 0, [ReportedFile("x", "7", 0)])
    result = _collect(work, report)
    assert outputs_of(work, result) == {"x": b""}


def test_many_small_files(bench: Bench) -> None:
    """Each name is new: its last three letters count up."""
    letters = ((4, 1), (5, 26), (6, 676))
    name = "".join(
        f"""(i32.store8 (i32.const {PATH_AT + place}) (i32.add (i32.const 97)
          (i32.rem_u (i32.div_u (local.get $i) (i32.const {weight})) (i32.const 26))))"""
        for place, weight in letters
    )
    body = forever(
        f"""(local.set $i (i32.add (local.get $i) (i32.const 1))) {name}
        {open_path("out/aaa", CREATE, READ_WRITE)} (call $check (call $fd_close (local.get $fd)))"""
    )
    work = bench.work(program(body, data=text(PATH_AT, "out/aaa")), limits=limits(fuel=10**10))
    assert fails(bench, work).reason is Reason.OUTPUT_EXCEEDED


def test_a_symbolic_link_ends_the_program(bench: Bench) -> None:
    body = f"""(call $check (call $path_symlink (i32.const {DATA_AT}) (i32.const 11) (i32.const 3)
        (i32.const {PATH_AT}) (i32.const 8)))
      {open_path("out/link")} {read(4096, 100)} {print_memory(4096, 100)}"""
    data = text(DATA_AT, "/etc/passwd") + text(PATH_AT, "out/link")
    work = bench.work(program(body, data=data))
    assert fails(bench, work).reason is Reason.OUTPUT_FORBIDDEN
    assert log_of(work) == b""


@pytest.mark.parametrize(
    ("path", "errno"),
    [("/etc/passwd", 63), ("../etc/passwd", 63), (SECRET, 63), ("etc/passwd", 44), ("proc/self/environ", 44)],
)
def test_a_path_out_of_the_folder_leads_nowhere(bench: Bench, path: str, errno: int) -> None:
    work = bench.work(
        program(open_path(path) + read(4096, 100) + print_memory(4096, 100), data=text(PATH_AT, path))
    )
    result = fails(bench, work)
    assert (result.reason, result.exit_code) == (Reason.EXIT_CODE, errno)
    assert b"root" not in log_of(work)


@pytest.mark.parametrize("path", ["in/data", "in/new", "in"])
def test_inputs_cannot_be_changed(bench: Bench, path: str) -> None:
    opens = open_path(path, CREATE | TRUNCATE, READ_WRITE)
    work = bench.work(program(opens, data=text(PATH_AT, path)), inputs={"data": b"the buyer's"})
    result = fails(bench, work)
    assert result.exit_code in (69, 31)
    assert all(path.read_bytes() for path in work.blobs.values())


def test_a_flood_of_host_calls_is_paid_with_fuel(bench: Bench) -> None:
    result = fails(bench, bench.work(program(forever("(drop (call $yield))"))))
    assert (result.reason, result.fuel) == (Reason.FUEL_EXHAUSTED, LIMITS.fuel)


def test_a_flood_of_random_bytes_is_paid_with_fuel(bench: Bench) -> None:
    floods = forever("(drop (call $random (i32.const 0) (i32.const 200000)))")
    assert fails(bench, bench.work(program(floods))).reason is Reason.FUEL_EXHAUSTED


@pytest.mark.parametrize("offset", [0xFFFFFFFF, 4 * 65536 - 1, 0x80000000])
def test_pointers_out_of_memory_are_an_error_for_the_program(bench: Bench, offset: int) -> None:
    body = f"(call $check (call $random (i32.const {offset}) (i32.const 2)))"
    result = fails(bench, bench.work(program(body)))
    assert (result.reason, result.exit_code) == (Reason.EXIT_CODE, 21)


def test_a_huge_module_compiles_or_fails_but_the_node_lives(bench: Bench) -> None:
    """A hundred thousand functions: the compiler's work counts against the wall clock."""
    functions = "".join(
        f"(func (param i32) (result i32) (i32.add (local.get 0) (i32.const {n})))" for n in range(10**5)
    )
    work = bench.work(f'(module {functions} (func (export "_start") unreachable))')
    assert fails(bench, work).reason is Reason.PROGRAM_TRAPPED


def test_a_sleeper_does_not_sleep(bench: Bench) -> None:
    """A subscription to the clock a day ahead is answered at once."""
    body = """(i64.store (i32.const 24) (i64.const 86400000000000))
        (call $check (call $poll (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 600)))
        (call $exit (i32.const 3))"""
    began = time.monotonic()
    assert fails(bench, bench.work(program(body))).exit_code == 3
    assert time.monotonic() - began < 60
