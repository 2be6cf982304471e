"""The error numbers of WASI preview 1 that a program may get (witx `errno`)."""

from enum import IntEnum


class Errno(IntEnum):
    """The numbers are those of the WASI specification."""

    SUCCESS = 0
    ACCES = 2
    BADF = 8
    EXIST = 20
    FAULT = 21
    FBIG = 22
    ILSEQ = 25
    INVAL = 28
    ISDIR = 31
    MFILE = 33
    NAMETOOLONG = 37
    NOENT = 44
    NOSYS = 52
    NOTDIR = 54
    NOTEMPTY = 55
    NOTSUP = 58
    PERM = 63
    ROFS = 69
    SPIPE = 70


class WasiError(Exception):
    """A host call failed in a way that the program is told about."""

    def __init__(self, errno: Errno) -> None:
        super().__init__(errno.name)
        self.errno = errno
