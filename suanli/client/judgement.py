"""What consent is decided from, and what it says: the buyer's books, the chain's word, an objection.

Only shapes; `consent` and `spending` hold the rules.
"""

from dataclasses import dataclass
from typing import Protocol

from suanli.client.record import Commitment, KnownReceipt
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
    """What the chain says: the buyer's last netting epoch, and which of its signed batches have landed."""

    epoch: int
    landed: frozenset[Hash]


class Books(Protocol):
    """The part of a buyer's record that consent is decided from."""

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        """A checked receipt of an own order."""

    def fault(self, receipt: Hash) -> ClientError | None:
        """What is wrong with a receipt that was shown but did not pass the checks."""

    def own_order(self, job: Hash) -> JobOrder | None:
        """An order in the record."""

    def commitments(self, job: Hash) -> list[Commitment]:
        """The receipts of a job that signed nettings or statements pay."""

    def nettings_with(self, receipt: Hash) -> dict[Hash, int]:
        """Signed nettings that pay a receipt: batch hash to epoch."""

    def is_stated(self, receipt: Hash) -> bool:
        """Whether a signed statement pays a receipt."""

    def stated_between(self, account: Address, node: Address) -> set[Hash]:
        """Receipts that signed statements pay from an account to a node."""

    def is_accepted(self, receipt: KnownReceipt) -> bool:
        """Whether the order's policy, applied to the buyer's own books, accepts the result."""
