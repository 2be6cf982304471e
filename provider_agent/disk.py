"""What the agent's folders take on the disk: their size, and dropping what was not used for long.

Files may come and go meanwhile: runners and other tasks work in the same folders.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def folder_bytes(folder: Path) -> int:
    """The bytes of all files in `folder` and below."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def drop_oldest(
    folder: Path, most_bytes: int, most_files: int | None, is_needed: Callable[[Path], bool]
) -> None:
    """Drops files of `folder`, those first that were used longest ago, until it keeps to its bounds.

    What `is_needed` stays, and counts.
    """
    files = _by_age(folder)
    total, count = sum(size for _, size, _ in files), len(files)
    for _, size, path in files:
        if total <= most_bytes and (most_files is None or count <= most_files):
            return
        if not is_needed(path):
            path.unlink(missing_ok=True)
            total, count = total - size, count - 1


def _by_age(folder: Path) -> list[tuple[int, int, Path]]:
    """Time of last use, size and path of each file, the oldest first."""
    files = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            status = path.stat()
            files.append((status.st_mtime_ns, status.st_size, path))
    return sorted(files)
