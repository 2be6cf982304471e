"""Check what linters do not: file length, farms of helpers, addresses that belong to one machine.

It reads the files that git knows, and has no list of words. Exceptions need a reason beside them.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

MAXIMUM_LINES = 400
SOURCES = {".py", ".sol", ".ts", ".tsx"}
HELPER_FARMS = {"utils", "util", "helpers", "misc"}

# Spelled with brackets so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:[r]oot/|[w]ork/|[h]ome/[a-z_]|[U]sers/[A-Za-z])")
REGISTRY_HOST = re.compile(
    r"[p]ypi\.(?:org|python\.org)|[f]iles\.pythonhosted|[n]pmjs\.(?:org|com)|[d]eb\.debian\.org|[c]rates\.io"
)

Check = Callable[[Path, str], Iterator[str]]


def tracked_files() -> list[Path]:
    """Every file in the working tree that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := Path(name)).is_file()]


def too_long(path: Path, text: str) -> Iterator[str]:
    """A source file that has outgrown one idea."""
    lines = text.count("\n")
    if path.suffix in SOURCES and lines > MAXIMUM_LINES:
        yield f"{path}: {lines} lines, {MAXIMUM_LINES} at most: find the two ideas in it"


def helper_farm(path: Path, text: str) -> Iterator[str]:
    """A module named for having no subject."""
    if path.suffix in SOURCES and path.stem in HELPER_FARMS:
        yield f"{path}: name the module after what its functions are about"


def machine_path(path: Path, text: str) -> Iterator[str]:
    """An absolute path that exists on somebody's machine only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: a path of one machine: {line.strip()[:100]}"


def registry_host(path: Path, text: str) -> Iterator[str]:
    """A package registry's address: which one to use is the installing machine's choice."""
    for number, line in enumerate(text.splitlines(), start=1):
        if REGISTRY_HOST.search(line):
            yield f"{path}:{number}: names a package registry: {line.strip()[:100]}"


CHECKS: tuple[Check, ...] = (too_long, helper_farm, machine_path, registry_host)


def findings(path: Path) -> list[str]:
    """What is wrong with one file; nothing for a file that is not text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    return [finding for check in CHECKS for finding in check(path, text)]


def main() -> int:
    """Print every finding; 0 when there is none."""
    files = tracked_files()
    found = [finding for path in files for finding in findings(path)]
    print("\n".join([*found, f"structure: {len(files)} files, {len(found)} findings"]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
