"""Builds the example modules from their C sources with the Zig toolchain, the same bytes everywhere.

`--check` builds into a temporary folder and fails when a committed module or SHA256SUMS is stale.
Needs the development environment (ziglang); running the examples does not.
"""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

EXAMPLES = Path(__file__).parent
NAMES = ("hello", "photos", "sweep")
CHECKSUMS = "SHA256SUMS"
FLAGS = ["-std=gnu11", "-O2", "-flto", "-g0", "-Wall", "-Wextra", "-Werror", "-isystem", "vendor/stb"]
WASM = ["-target", "wasm32-wasi", "-s", "-Wl,-z,stack-size=1048576"]


class BuildError(Exception):
    """A module could not be built; the message is the compiler's own."""


def module_path(name: str) -> str:
    """Where the module of one example lies, relative to this folder."""
    return f"{name}/{name}.wasm"


def compile_c(sources: list[str], target: Path, flags: list[str], folder: Path) -> None:
    """Compiles `sources`, named relative to `folder` so that no absolute path reaches the output.

    Raises BuildError with the compiler's messages.
    """
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, *flags, *sources, "-o", str(target)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"{target.name}: {done.stderr}")


def c_files(name: str, sources: Path = EXAMPLES) -> list[str]:
    """The C files of one example, relative to the folder `sources`, in an order that does not vary."""
    return sorted(path.relative_to(sources).as_posix() for path in (sources / name).glob("*.c"))


def build(name: str, target: Path, sources: Path = EXAMPLES) -> None:
    """Builds one module, all C files of its folder, into the file `target`. Raises BuildError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    compile_c(c_files(name, sources), target, WASM, sources)
    target.chmod(0o644)


def checksums(folder: Path) -> str:
    """The text of SHA256SUMS for the modules under `folder`, as `sha256sum` writes it."""
    lines = []
    for module in map(module_path, NAMES):
        digest = hashlib.sha256((folder / module).read_bytes()).hexdigest()
        lines.append(f"{digest}  {module}\n")
    return "".join(lines)


def build_all(folder: Path, sources: Path = EXAMPLES) -> None:
    """Builds every module and SHA256SUMS into `folder`. Raises BuildError."""
    for name in NAMES:
        build(name, folder / module_path(name), sources)
    (folder / CHECKSUMS).write_text(checksums(folder))


def stale(folder: Path = EXAMPLES) -> list[str]:
    """The committed files under `folder` that differ from what its sources build to. Raises BuildError."""
    with TemporaryDirectory() as fresh:
        build_all(Path(fresh), folder)
        files = [*map(module_path, NAMES), CHECKSUMS]
        return [file for file in files if not _same(folder / file, Path(fresh) / file)]


def _same(committed: Path, fresh: Path) -> bool:
    return committed.is_file() and committed.read_bytes() == fresh.read_bytes()


def main() -> int:
    """Builds or checks. Exit code 1: something is stale or does not build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a module is stale")
    options = parser.parse_args()
    try:
        if not options.check:
            build_all(EXAMPLES)
        outdated = stale() if options.check else []
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    for file in outdated:
        print(f"{file} is stale: run python examples/build.py", file=sys.stderr)
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main())
