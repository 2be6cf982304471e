"""What consent is decided from, and what it says: the buyer's books, the chain's word, an objection.

Only shapes; `consent` and `spending` hold the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from suanli.client.record import Commitment, KnownReceipt, Place
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Objection:
    """Why the buyer does not sign; with `waits` only not yet, so that nothing is said to the market."""

    reason: Reason
    detail: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the chain says: the buyer's last netting epoch, which serials of nodes are paid, who owns these.

    All as of one block; of serials and nodes only those that were asked about.
    """

    epoch: int = 0
    paid: frozenset[Place] = frozenset()
    owners: Mapping[Address, Address] = field(default_factory=dict)


class Books(Protocol):
    """The part of a buyer's record that consent is decided from."""

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        """A checked receipt of an own order."""

    def referenced(self, reference: str) -> KnownReceipt | None:
        """A checked receipt of an own order by the reference under which a batch names it."""

    def fault(self, reference: str) -> ClientError | None:
        """What is wrong with a receipt that was shown but did not pass the checks."""

    def own_order(self, job: Hash) -> JobOrder | None:
        """An order in the record."""

    def commitments(self, job: Hash) -> list[Commitment]:
        """The receipts of a job that signed nettings or statements pay."""

    def is_accepted(self, receipt: KnownReceipt) -> bool:
        """Whether the order's policy, applied to the buyer's own books, accepts the result."""
