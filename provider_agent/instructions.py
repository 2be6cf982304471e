"""What the machine tells the daemon to do, and what it knows of a lease. Plain values."""

from dataclasses import dataclass

from suanli.protocol.reasons import Reason
from suanli.protocol.states import RunState
from suanli.protocol.values import Hash


@dataclass(frozen=True, slots=True)
class Held:
    """One lease as the journal keeps it. `process` tells the runner's process id and when it was born."""

    lease: Hash
    deadline: int
    state: RunState = RunState.ASSIGNED
    starts: int = 0
    process: tuple[int, float] | None = None
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Write the lease's new state (and its receipt) to the journal before anything else."""

    held: Held
    receipt: object | None = None


@dataclass(frozen=True, slots=True)
class Prepare:
    """Check the lease, take it on at the market, fetch its inputs."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Run:
    """Start a runner."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Kill:
    """End the lease's runner, if there is one."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class KillOrphan:
    """End what an earlier agent may have left running."""

    held: Held


@dataclass(frozen=True, slots=True)
class Upload:
    """Bring the outputs to the market, however long it takes."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Announce:
    """Bring the receipt to the market, however long it takes."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class HandBack:
    """Tell the market that the node gives the lease up."""

    lease: Hash
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop the lease's work folder."""

    lease: Hash


Instruction = (
    Record | Prepare | Run | Kill | KillOrphan | Upload | Announce | HandBack | Forget
)  # fmt: skip
