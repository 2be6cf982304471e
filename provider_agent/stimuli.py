"""What may happen to an agent: the stimuli of `machine`. Any may come late, twice or out of turn."""

from dataclasses import dataclass

from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


@dataclass(frozen=True, slots=True)
class Offered:
    """The market lists the lease as the node's. May come any number of times."""

    lease: Hash
    deadline: int
    now: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """The lease was checked and its inputs are here."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Declined:
    """The lease failed a check, or its inputs cannot be had."""

    lease: Hash
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Started:
    """Its runner runs."""

    lease: Hash
    process: tuple[int, float]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The run ended and its receipt is signed; `receipt` is what the journal must keep with it."""

    lease: Hash
    receipt: object


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended without a result, by no fault of the program."""

    lease: Hash
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The market has all outputs."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The market has the receipt."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Refused:
    """The market does not take the receipt, or its outputs are gone."""

    lease: Hash
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Fenced:
    """The market says that the lease is void."""

    lease: Hash


@dataclass(frozen=True, slots=True)
class Clock:
    """Time went on."""

    now: int


@dataclass(frozen=True, slots=True)
class Drain:
    """Take no new work (or take it again)."""

    on: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """The agent is about to end: give back what is not receipted."""


Stimulus = (
    Offered | Prepared | Declined | Started | Sealed | Failed | Uploaded | Acknowledged | Refused | Fenced
    | Clock | Drain | Stop
)  # fmt: skip
