"""Runs one job: sets up the guest's world, starts the module, and says how it ended and what it used."""

import os
from pathlib import Path

import wasmtime

from provider_agent.runner.endings import Exited, HostFault, ProgramFault
from provider_agent.runner.engine import load_module, make_engine
from provider_agent.runner.job import LOG_FILE, STORAGE_FOLDER, Report, ReportedFile, RunnerJob
from provider_agent.runner.wasi.descriptors import Descriptors
from provider_agent.runner.wasi.filesystem import FileSystem
from provider_agent.runner.wasi.guest import Guest, Log, RandomStream
from provider_agent.runner.wasi.linking import define_wasi
from provider_agent.runner.wasi.memory import GuestMemory, Meter
from suanli.protocol.reasons import Reason

START = "_start"
TABLE_ELEMENTS = 1 << 20
"""Of each table: 8 MiB at most."""
TABLES = 4
PAGE = 1 << 16


class Execution:
    """One job in one store."""

    def __init__(self, job: RunnerJob, folder: Path) -> None:
        self._job = job
        self._engine = make_engine()
        self._store = wasmtime.Store(self._engine)
        self._store.set_fuel(job.fuel)
        self._store.set_limits(job.memory_bytes, TABLE_ELEMENTS, 1, TABLES, 1)
        self._memory: wasmtime.Memory | None = None
        self._guest = self._make_guest(folder)

    def run(self) -> Report:
        """Runs the job to its end, whichever it is; only this machine's own faults raise (HostFault)."""
        try:
            self._start()
        except Exited as ended:
            return self._exited(ended.code)
        except ProgramFault as fault:
            return self._failed(fault.reason, fault.detail)
        except wasmtime.Trap as trap:
            return self._trapped(trap)
        return self._exited(0)

    def _start(self) -> None:
        module = load_module(
            self._engine, Path(self._job.module), self._job.module_hash, Path(self._job.cache)
        )
        linker = wasmtime.Linker(self._engine)
        define_wasi(linker, self._guest)
        try:
            instance = linker.instantiate(self._store, module)
        except wasmtime.WasmtimeError as error:
            raise _refused(str(error)) from error
        exports = instance.exports(self._store)
        memory, start = exports.get("memory"), exports.get(START)
        self._memory = memory if isinstance(memory, wasmtime.Memory) else None
        if not isinstance(start, wasmtime.Func) or _arity(start, self._store) != (0, 0):
            raise ProgramFault(Reason.MODULE_INVALID, f"the module exports no function {START}: () -> ()")
        start(self._store)

    def _exited(self, code: int) -> Report:
        if code != 0:
            return self._failed(Reason.EXIT_CODE, f"the program exited with code {code}", code)
        try:
            outputs = sorted(self._guest.files.output_files(), key=lambda output: output[0])
        except ProgramFault as fault:
            return self._failed(fault.reason, fault.detail)
        files = [ReportedFile(path, file.host.name, file.size) for path, file in outputs]
        return Report(True, None, "", 0, self._fuel_used(), self._memory_bytes(), files)

    def _trapped(self, trap: wasmtime.Trap) -> Report:
        if trap.trap_code is wasmtime.TrapCode.OUT_OF_FUEL:
            return self._failed(Reason.FUEL_EXHAUSTED, f"the program used up {self._job.fuel} fuel")
        kind = "a trap without a code" if trap.trap_code is None else trap.trap_code.name
        return self._failed(Reason.PROGRAM_TRAPPED, f"the program trapped: {kind}")

    def _failed(self, reason: Reason, detail: str, exit_code: int | None = None) -> Report:
        if reason in (Reason.PROGRAM_TRAPPED, Reason.EXIT_CODE) and self._is_memory_used_up():
            reason = Reason.MEMORY_EXHAUSTED
            detail = f"the program failed with all of its {self._job.memory_bytes} bytes in use: {detail}"
        return Report(True, reason, detail, exit_code, self._fuel_used(), self._memory_bytes(), [])

    def _fuel_used(self) -> int:
        return self._job.fuel - self._store.get_fuel()

    def _memory_bytes(self) -> int:
        """The linear memory at the end, which is its peak: it never shrinks."""
        memory = self._memory or self._guest.memory.found
        return 0 if memory is None else memory.data_len(self._store)

    def _is_memory_used_up(self) -> bool:
        """Whether so little of the allowed memory was left that the next allocation must have failed."""
        memory = self._memory or self._guest.memory.found
        left = self._job.memory_bytes - self._memory_bytes()
        return memory is not None and left < max(PAGE, self._job.memory_bytes // 16)

    def _make_guest(self, folder: Path) -> Guest:
        storage = folder / STORAGE_FOLDER
        storage.mkdir()
        files = FileSystem(storage, self._job.output_bytes)
        for item in self._job.inputs:
            files.add_input(item.path, Path(item.host), item.size)
        files.seal_inputs()
        return Guest(
            memory=GuestMemory(self._store),
            meter=Meter(self._store),
            files=files,
            descriptors=Descriptors(files.root),
            log=Log(folder / LOG_FILE, self._job.log_bytes),
            random=RandomStream(bytes.fromhex(self._job.seed)),
            arguments=[text.encode() + b"\x00" for text in self._job.arguments],
            environment=[f"{name}={value}\x00".encode() for name, value in self._job.environment.items()],
        )


def run_job(folder: Path) -> None:
    """Runs the job in `folder` and leaves its report there."""
    job = RunnerJob.read(folder)
    os.chdir(folder)
    try:
        report = Execution(job, folder).run()
    except HostFault as fault:
        report = Report(False, fault.reason, fault.detail, None, 0, 0, [])
    report.write(folder)


def _refused(message: str) -> ProgramFault:
    """Why wasmtime did not instantiate a module; its limits have no error type of their own."""
    if "exceeds memory limits" in message or "exceeds table limits" in message:
        return ProgramFault(Reason.MEMORY_EXHAUSTED, message)
    return ProgramFault(Reason.MODULE_INVALID, message)


def _arity(function: wasmtime.Func, store: wasmtime.Store) -> tuple[int, int]:
    type_ = function.type(store)
    return len(type_.params), len(type_.results)
