"""What the operating system takes from a runner before it touches a module: limits, privileges of luck.

It is the second wall: the first is that a module has no host function but those of `wasi`.
"""

import ctypes
import os
import resource
import signal
import sys

from provider_agent.runner.endings import HostFault
from provider_agent.runner.job import RunnerJob
from suanli.protocol.reasons import Reason

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_ADDRESS_SPACE = 16 << 30
"""wasmtime reserves 4 GiB of addresses, not of memory, for the guest's memory, and guards around it."""
_OWN_MEMORY = 1 << 30
"""Writable memory for Python and the compiler on top of the guest's."""
_OPEN_FILES = 1024
_FILE_SLACK = 256 << 20
"""Compiled modules and the log are files as well."""
_NICENESS = 10


def die_with_parent(parent: int) -> None:
    """Ends this process when `parent` dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def confine(job: RunnerJob) -> None:
    """Sets the limits of this process for good; nothing raises them again."""
    cores = os.cpu_count() or 1
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CPU, (job.wall_seconds + 5) * cores)
    _limit(resource.RLIMIT_FSIZE, job.output_bytes + _FILE_SLACK)
    _limit(resource.RLIMIT_DATA, job.memory_bytes + _OWN_MEMORY)
    _limit(resource.RLIMIT_AS, job.memory_bytes + _ADDRESS_SPACE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.nice(_NICENESS)
    os.environ.clear()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit(what: int, value: int) -> None:
    _, most = resource.getrlimit(what)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    try:
        resource.setrlimit(what, (value, value))
    except (OSError, ValueError) as error:
        raise HostFault(Reason.RUNNER_CRASHED, f"a limit could not be set: {error}") from error
