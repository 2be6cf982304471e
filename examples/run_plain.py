"""Runs a WASI command module in plain wasmtime, counting fuel: no part of Suanli is needed.

Shows that the examples are ordinary modules. It is no sandbox for hostile ones.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import wasmtime

FUEL = 2**62


@dataclass(frozen=True)
class Run:
    """What one run came to."""

    exit_code: int
    fuel: int
    cpu_seconds: float
    log: str


@dataclass(frozen=True)
class Program:
    """A compiled module."""

    engine: wasmtime.Engine
    module: wasmtime.Module

    def run(self, folder: Path, arguments: list[str]) -> Run:
        """Runs the program with `folder` as its whole file system; `arguments` begin with its name.

        It reads from `in/` and writes to `out/`, which is made where it is missing. `cpu_seconds` covers
        the run alone, neither compilation nor instantiation. Raises wasmtime.Trap when the program traps.
        """
        (folder / "out").mkdir(exist_ok=True)
        with TemporaryDirectory() as logs:
            store = wasmtime.Store(self.engine)
            store.set_wasi(_wasi(folder, arguments, Path(logs)))
            store.set_fuel(FUEL)
            start = self._start(store)
            began = time.process_time()
            exit_code = _exit_code(start, store)
            seconds = time.process_time() - began
            return Run(exit_code, FUEL - store.get_fuel(), seconds, _log(Path(logs)))

    def _start(self, store: wasmtime.Store) -> wasmtime.Func:
        linker = wasmtime.Linker(self.engine)
        linker.define_wasi()
        start = linker.instantiate(store, self.module).exports(store)["_start"]
        assert isinstance(start, wasmtime.Func), "a command module exports the function _start"
        return start


def load(path: Path) -> Program:
    """Compiles the module in `path`. Raises wasmtime.WasmtimeError when it is none."""
    settings = wasmtime.Config()
    settings.consume_fuel = True
    engine = wasmtime.Engine(settings)
    return Program(engine, wasmtime.Module.from_file(engine, str(path)))


def _wasi(folder: Path, arguments: list[str], logs: Path) -> wasmtime.WasiConfig:
    wasi = wasmtime.WasiConfig()
    wasi.argv = arguments
    wasi.preopen_dir(str(folder), "/")
    # Files, not callbacks: those run on wasmtime's own threads, which may abort while Python shuts down.
    wasi.stdout_file = str(logs / "stdout")
    wasi.stderr_file = str(logs / "stderr")
    return wasi


def _log(logs: Path) -> str:
    return "".join((logs / name).read_text(errors="replace") for name in ("stdout", "stderr"))


def _exit_code(start: wasmtime.Func, store: wasmtime.Store) -> int:
    try:
        start(store)
    except wasmtime.ExitTrap as ended:
        return int(ended.code)
    return 0


def main() -> int:
    """Runs the module named on the command line and says what the run took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="holds in/ and gets out/")
    parser.add_argument("module", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="for the program")
    options = parser.parse_args()
    result = load(options.module).run(options.folder, [options.module.stem, *options.arguments])
    sys.stdout.write(result.log)
    print(f"exit {result.exit_code}, fuel {result.fuel:,}, {result.cpu_seconds:.3f} s", file=sys.stderr)
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
