"""The guest's table of open descriptors: standard streams, files, directories."""

from dataclasses import dataclass, field

from provider_agent.runner.wasi.errors import Errno, WasiError
from provider_agent.runner.wasi.nodes import Directory, File, Node

MAXIMUM_DESCRIPTORS = 512
ROOT_DESCRIPTOR = 3
"""The number of the one preopened directory, `/`."""


@dataclass
class EmptyInput:
    """Standard input: always at its end."""


@dataclass
class LogOutput:
    """Standard output or standard error: both go to the task's log."""


@dataclass
class OpenFile:
    """A file and the place in it."""

    file: File
    readable: bool
    writable: bool
    append: bool
    offset: int = 0


@dataclass
class OpenDirectory:
    """A directory; `listing` is what it held when the program began to read it."""

    directory: Directory
    preopened: bool = False
    listing: list[tuple[str, Node]] = field(default_factory=list)


Open = EmptyInput | LogOutput | OpenFile | OpenDirectory


class Descriptors:
    """Open things by number; the lowest free number is given out, as everywhere."""

    def __init__(self, root: Directory) -> None:
        self._open: dict[int, Open] = {0: EmptyInput(), 1: LogOutput(), 2: LogOutput()}
        self._open[ROOT_DESCRIPTOR] = OpenDirectory(root, preopened=True)

    def get(self, number: int) -> Open:
        """What is open under a number. Raises WasiError(BADF)."""
        if number not in self._open:
            raise WasiError(Errno.BADF)
        return self._open[number]

    def file(self, number: int) -> OpenFile:
        """The file open under a number. Raises WasiError."""
        found = self.get(number)
        if not isinstance(found, OpenFile):
            raise WasiError(Errno.ISDIR if isinstance(found, OpenDirectory) else Errno.SPIPE)
        return found

    def directory(self, number: int) -> OpenDirectory:
        """The directory open under a number. Raises WasiError."""
        found = self.get(number)
        if not isinstance(found, OpenDirectory):
            raise WasiError(Errno.NOTDIR)
        return found

    def add(self, opened: Open) -> int:
        """Gives `opened` a number. Raises WasiError(MFILE)."""
        self.check_room()
        number = next(number for number in range(MAXIMUM_DESCRIPTORS) if number not in self._open)
        self._open[number] = opened
        return number

    def check_room(self) -> None:
        """Raises WasiError(MFILE) when no number is free."""
        if len(self._open) >= MAXIMUM_DESCRIPTORS:
            raise WasiError(Errno.MFILE)

    def remove(self, number: int) -> Open:
        """Frees a number."""
        found = self.get(number)
        del self._open[number]
        return found

    def put(self, number: int, opened: Open) -> None:
        """Sets what a number stands for."""
        self._open[number] = opened
