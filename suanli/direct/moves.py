"""What a way out consists of: places of money, steps that move it on, choices with an end. Values only."""

from dataclasses import dataclass
from typing import Any

from suanli.protocol.abi import ContractName


@dataclass(frozen=True, slots=True)
class Step:
    """A transaction that the account may send from `ready_at` on (seconds since the epoch; 0: now)."""

    contract: ContractName
    function: str
    subject: str
    arguments: tuple[Any, ...]
    ready_at: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the money: of what kind, whose or which, how many atoms, and the step that moves it on.

    `step` is None where only somebody else, or another step first, can move it. `due_at` is the first second
    at which it can be in the account's balance (of the balance itself: outside), if every step is sent in
    time and nobody else does anything. `exposed` money stands in the balance: somebody may take it there.
    """

    kind: str
    subject: str
    amount: int
    step: Step | None
    due_at: int
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that only the account's holder can decide, until a second that is included.

    `stake` is what they risk by it, or lose without it, in atoms; `command` does it.
    """

    what: str
    subject: str
    until: int
    stake: int
    command: str
