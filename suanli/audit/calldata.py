"""Finds settlements in the calldata of any transaction, also one that passed through another contract. Pure.

Logs name what was settled; only calldata says for whom, by whose signatures and for which receipts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from suanli.protocol.messages import Statement
from suanli.protocol.netting import PackedBatch, batch_hash, read_packed
from suanli.protocol.values import Hash

_STATEMENT = "(address,address,uint128,uint32,bytes32)"
SETTLE_BATCH = ("settleBatch", ("bytes", "bytes"))
SETTLE_STATEMENT = ("settleStatement", (_STATEMENT, "bytes", "bytes"))
SETTLE_STATEMENTS = ("settleStatements", (f"({_STATEMENT},bytes,bytes)[]",))
CONNECT = ("connect", ("(address,address,bytes32,uint128,uint64)", "bytes", "bytes"))
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class BatchCall:
    """The arguments of `settleBatch`; one signature for each party, in their order."""

    packed: PackedBatch
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementCall:
    """A statement as it was settled."""

    statement: Statement
    buyer_signature: str
    node_signature: str


def batch_call(data: bytes, batch: Hash) -> BatchCall | None:
    """The call that settled the batch of this hash, or None when the calldata does not hold it."""
    for packed, signatures in _calls(data, *SETTLE_BATCH):
        if batch_hash(packed) == batch:
            parts = range(0, len(signatures), _SIGNATURE_BYTES)
            split = tuple(_hex(signatures[start : start + _SIGNATURE_BYTES]) for start in parts)
            return BatchCall(read_packed(packed), split)
    return None


def statement_calls(data: bytes) -> list[StatementCall]:
    """Every statement in the calldata, alone or in a list."""
    alone = list(_calls(data, *SETTLE_STATEMENT))
    listed = [one for (several,) in _calls(data, *SETTLE_STATEMENTS) for one in several]
    return [_statement_call(*one) for one in (*alone, *listed)]


def connect_signatures(data: bytes) -> Iterator[tuple[str, str]]:
    """The owner's and the node's signature of every `connect` in the calldata."""
    for _, owner_signature, node_signature in _calls(data, *CONNECT):
        yield _hex(owner_signature), _hex(node_signature)


def selector(name: str, types: tuple[str, ...]) -> bytes:
    """The first four bytes of a call."""
    return keccak(text=f"{name}({','.join(types)})")[:4]


def _calls(data: bytes, name: str, types: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    mark = selector(name, types)
    at = data.find(mark)
    while at >= 0:
        found = _decoded(types, data[at + len(mark) :])
        if found is not None:
            yield found
        at = data.find(mark, at + 1)


def _decoded(types: tuple[str, ...], data: bytes) -> tuple[Any, ...] | None:
    try:
        return decode(types, data, strict=False)
    except (DecodingError, OverflowError):
        return None  # the four bytes before it stood there by chance


def _statement_call(values: tuple[Any, ...], buyer_signature: bytes, node_signature: bytes) -> StatementCall:
    buyer, node, amount, receipts, root = values
    statement = Statement(
        buyer=to_checksum_address(buyer),
        node=to_checksum_address(node),
        amount=amount,
        receipts=receipts,
        receiptsRoot=_hex(root),
    )
    return StatementCall(statement, _hex(buyer_signature), _hex(node_signature))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
