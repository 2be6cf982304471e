"""Settlements as they landed: the event, the calldata behind it, and who signed. Values only."""

from dataclasses import dataclass

from suanli.audit.calldata import BatchCall, StatementCall
from suanli.audit.chain import Event
from suanli.audit.claim_calls import AwardCall, ClaimCall
from suanli.protocol.errors import AuditError, ProtocolError
from suanli.protocol.messages import Netting, RootNetting
from suanli.protocol.netting import PackedBatch
from suanli.protocol.root_netting import RootBatch
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the recovered key, or None; `approved` when the account's contract took it (ERC-1271)."""

    key: Address | None = None
    approved: bool = False


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """A netting that landed; `signers` are those of its parties, buyers first, then nodes."""

    event: Event
    call: BatchCall[PackedBatch]
    signers: tuple[Signer, ...]

    def netting(self) -> Netting:
        """The message that the parties signed."""
        return Netting(epoch=self.call.packed.epoch, batch=self.event.arguments["batch"])


@dataclass(frozen=True, slots=True)
class SettledRoot:
    """A root netting that landed; `signers` as in a netting."""

    event: Event
    call: BatchCall[RootBatch]
    signers: tuple[Signer, ...]

    def netting(self) -> RootNetting:
        """The message that the parties signed."""
        return RootNetting(epoch=self.call.packed.epoch, batch=self.event.arguments["batch"])


@dataclass(frozen=True, slots=True)
class SettledStatement:
    """A statement that landed. `guardian` signed a Draw where the money came from a reservation."""

    event: Event
    call: StatementCall
    buyer: Signer
    node: Address | None
    guardian: Signer | None = None

    @property
    def order(self) -> Hash | None:
        """The order whose reservation paid; None when the buyer's balance did."""
        return self.call.order


@dataclass(frozen=True, slots=True)
class OpenedClaim:
    """A claim that was opened, with the calldata that opened it and who signed order, lease and receipt."""

    event: Event
    call: ClaimCall | AwardCall
    node: Address | None
    buyer: Signer = Signer()
    operator: Signer = Signer()


@dataclass(frozen=True, slots=True)
class Unread:
    """An event of which the calldata cannot be read: what it did is not known."""

    event: Event
    error: AuditError | ProtocolError


Settled = SettledBatch | SettledRoot | SettledStatement
