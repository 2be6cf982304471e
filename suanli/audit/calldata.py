"""Finds settlements in the calldata of any transaction, also one that passed through a contract. Pure.

Logs name what was settled; only calldata says for whom, by whose signatures and for which receipts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from suanli.protocol import netting, root_netting, statement_batches
from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import Statement
from suanli.protocol.netting import PackedBatch
from suanli.protocol.root_netting import RootBatch
from suanli.protocol.serials import serials_of
from suanli.protocol.statement_batches import StatementRow
from suanli.protocol.values import Hash

Call = tuple[str, tuple[str, ...]]
"""A function's name and the types of its arguments."""

_STATEMENT = "(address,address,address,uint128,uint32,bytes32,bytes32)"
SETTLE_BATCH: Call = ("settleBatch", ("bytes", "bytes"))
SETTLE_ROOT: Call = ("settleRoot", ("bytes", "bytes"))
SETTLE_STATEMENT: Call = ("settleStatement", (_STATEMENT, "bytes", "bytes", "bytes"))
SETTLE_STATEMENTS: Call = ("settleStatements", ("bytes",))
SETTLE_RESERVED: Call = ("settleReserved", (_STATEMENT, "bytes", "bytes32", "bytes", "bytes", "bytes"))

B = TypeVar("B", PackedBatch, RootBatch)


@dataclass(frozen=True, slots=True)
class BatchCall(Generic[B]):
    """The arguments of `settleBatch` or `settleRoot`: the batch as read, all signatures in one piece."""

    packed: B
    signatures: bytes


@dataclass(frozen=True, slots=True)
class StatementCall:
    """A statement as it was settled; `order` names the reservation that paid, if one did."""

    statement: Statement
    serials: tuple[int, ...]
    buyer_signature: str
    node_signature: str
    order: Hash | None = None
    guardian_signature: str = "0x"


def batch_call(data: bytes, batch: Hash) -> BatchCall[PackedBatch] | None:
    """The call that settled the batch of this hash, or None when the calldata does not hold it."""
    return _batch_call(data, batch, SETTLE_BATCH, netting.read_packed)


def root_call(data: bytes, batch: Hash) -> BatchCall[RootBatch] | None:
    """The same for a batch by root."""
    return _batch_call(data, batch, SETTLE_ROOT, root_netting.read_packed)


def row_calls(data: bytes, batch: Hash) -> tuple[StatementCall, ...] | None:
    """The statements in the packed rows of this hash, or None when the calldata does not hold them."""
    for (packed,) in calls(data, SETTLE_STATEMENTS):
        if statement_batches.batch_hash(packed) == batch:
            return tuple(map(_row_call, statement_batches.read_packed(packed)))
    return None


def statement_calls(data: bytes) -> list[StatementCall]:
    """Every statement in the calldata that has a call of its own, also one that a reservation pays."""
    found = [_statement_call(*one) for one in calls(data, SETTLE_STATEMENT)]
    for statement, marks, order, *signatures in calls(data, SETTLE_RESERVED):
        buyer, node, guardian = signatures
        found.append(_statement_call(statement, marks, buyer, node, as_hex(order), as_hex(guardian)))
    return [one for one in found if one is not None]


def selector(call: Call) -> bytes:
    """The first four bytes of a call."""
    name, types = call
    return keccak(text=f"{name}({','.join(types)})")[:4]


def calls(data: bytes, call: Call) -> Iterator[tuple[Any, ...]]:
    """The arguments of every such call in the calldata."""
    mark = selector(call)
    at = data.find(mark)
    while at >= 0:
        found = _decoded(call[1], data[at + len(mark) :])
        if found is not None:
            yield found
        at = data.find(mark, at + 1)


def as_hex(data: bytes) -> str:
    """Bytes as 0x-hex."""
    return "0x" + data.hex()


def _batch_call(data: bytes, batch: Hash, call: Call, read: Callable[[bytes], B]) -> BatchCall[B] | None:
    for packed, signatures in calls(data, call):
        if netting.batch_hash(packed) == batch:
            return BatchCall(read(packed), signatures)
    return None


def _decoded(types: tuple[str, ...], data: bytes) -> tuple[Any, ...] | None:
    try:
        return decode(types, data, strict=False)
    except (DecodingError, OverflowError):
        return None  # the four bytes before it stood there by chance


def _row_call(row: StatementRow) -> StatementCall:
    return StatementCall(row.statement(), row.serials(), row.buyer_signature, row.node_signature)


def _statement_call(
    values: tuple[Any, ...],
    marks: bytes,
    buyer_signature: bytes,
    node_signature: bytes,
    order: Hash | None = None,
    guardian_signature: str = "0x",
) -> StatementCall | None:
    buyer, node, payee, amount, receipts, root, hash_ = values
    statement = Statement(
        buyer=to_checksum_address(buyer),
        node=to_checksum_address(node),
        payee=to_checksum_address(payee),
        amount=amount,
        receipts=receipts,
        receiptsRoot=as_hex(root),
        marks=as_hex(hash_),
    )
    try:
        serials = serials_of(marks)
    except ProtocolError:
        return None  # the contract refused this one
    signatures = (as_hex(buyer_signature), as_hex(node_signature))
    return StatementCall(statement, serials, *signatures, order, guardian_signature)
