"""How a run may end: by the program's own doing, on every machine alike, or by this machine's fault."""

from suanli.protocol.reasons import Reason


class Exited(Exception):
    """The program called `proc_exit`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the program exited with code {code}")
        self.code = code


class ProgramFault(Exception):
    """The program did what no program may; every machine finds the same at the same instruction."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class HostFault(Exception):
    """This machine could not go on; says nothing about the program."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
