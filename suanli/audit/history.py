"""A deployment's whole history in order: its events, and each settlement with the calldata behind it.

Reads through `Chain`; judges nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from suanli.audit.calldata import BatchCall, StatementCall, batch_call, statement_calls
from suanli.audit.chain import Chain, Event, Progress, Transaction
from suanli.protocol.eip712 import Message
from suanli.protocol.errors import AuditError, ProtocolError
from suanli.protocol.messages import Netting
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """A netting that landed; `at` is its block's time, `signers` each party's recovered key or None."""

    event: Event
    call: BatchCall
    signers: tuple[Address | None, ...]
    at: int

    def netting(self) -> Netting:
        """The message that the parties signed."""
        return Netting(epoch=self.call.packed.epoch, batch=self.event.arguments["batch"])


@dataclass(frozen=True, slots=True)
class SettledStatement:
    """A statement that landed; `contract_approved` when the buyer, a contract, approved it (ERC-1271)."""

    event: Event
    call: StatementCall
    buyer_signer: Address | None
    node_signer: Address | None
    contract_approved: bool
    at: int


Settled = SettledBatch | SettledStatement
Entry = Event | SettledBatch | SettledStatement


def read_history(chain: Chain, last: int, progress: Progress) -> Iterator[Entry]:
    """Everything that happened in the deployment up to block `last`, in order."""
    transactions: dict[Hash, Transaction] = {}
    for event in chain.events(chain.deployment.first_block, last, progress):
        if event.name == "BatchSettled":
            yield _settled_batch(chain, event, _transaction(chain, transactions, event))
        elif event.name == "StatementSettled":
            yield _settled_statement(chain, event, _transaction(chain, transactions, event))
        else:
            yield event


def _settled_batch(chain: Chain, event: Event, transaction: Transaction) -> SettledBatch:
    call = batch_call(transaction.input, event.arguments["batch"])
    if call is None:
        raise _no_calldata(event)
    netting = Netting(epoch=call.packed.epoch, batch=event.arguments["batch"])
    signers = tuple(_signer(chain, netting, signature) for signature in call.signatures)
    return SettledBatch(event, call, signers, chain.timestamp(event.block))


def _settled_statement(chain: Chain, event: Event, transaction: Transaction) -> SettledStatement:
    said = event.arguments
    wanted = (said["buyer"], said["node"], said["amount"], said["receipts"], said["receiptsRoot"])
    for call in statement_calls(transaction.input):
        one = call.statement
        if (one.buyer, one.node, one.amount, one.receipts, one.receiptsRoot) == wanted:
            return _with_signers(chain, event, call)
    raise _no_calldata(event)


def _with_signers(chain: Chain, event: Event, call: StatementCall) -> SettledStatement:
    statement, buyer = call.statement, call.statement.buyer
    buyer_signer = _signer(chain, statement, call.buyer_signature)
    node_signer = _signer(chain, statement, call.node_signature)
    approved = buyer_signer != buyer and chain.approves(
        buyer, chain.domain.digest(statement), call.buyer_signature, event.block
    )
    return SettledStatement(event, call, buyer_signer, node_signer, approved, chain.timestamp(event.block))


def _signer(chain: Chain, message: Message, signature: str) -> Address | None:
    try:
        return recover(chain.domain, message, signature)
    except ProtocolError:
        return None


def _transaction(chain: Chain, known: dict[Hash, Transaction], event: Event) -> Transaction:
    if event.transaction not in known:
        found = chain.transaction(event.transaction)
        if found is None:
            raise AuditError(Reason.EVIDENCE_MISSING, f"the RPC lacks transaction {event.transaction}")
        known[event.transaction] = found
    return known[event.transaction]


def _no_calldata(event: Event) -> AuditError:
    detail = f"the calldata of {event.transaction} does not hold the settlement that its log names"
    return AuditError(Reason.EVIDENCE_MISSING, detail)
