"""Hypothesis strategies for scalars, for every signed message and for batches."""

from collections.abc import Callable
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address
from hypothesis import strategies as st

from suanli.protocol.eip712 import Domain, Struct, fields_of
from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import MESSAGES
from suanli.protocol.netting import Batch, NettingTask

KEYS = [Account.from_key(bytes([number]) * 32) for number in range(1, 6)]
hashes = st.binary(min_size=32, max_size=32).map(lambda data: "0x" + data.hex())
addresses = st.binary(min_size=20, max_size=20).map(to_checksum_address)
domains = st.builds(Domain, chain_id=st.integers(1, 2**64 - 1), ledger=addresses)


def value_or_reason(call: Callable[[], Any]) -> Any:
    """What a call yields, or the reason why it is refused."""
    try:
        return call()
    except ProtocolError as error:
        return error.reason


def scalars(type_: str) -> st.SearchStrategy[Any]:
    """Values of an EIP-712 scalar type."""
    if type_ == "address":
        return addresses
    return hashes if type_ == "bytes32" else st.integers(0, 2 ** int(type_.removeprefix("uint")) - 1)


def structs(struct: type[Struct]) -> st.SearchStrategy[Struct]:
    """Values of a struct, with any value that its type string allows."""
    values: dict[str, st.SearchStrategy[Any]] = {}
    for field in fields_of(struct):
        inner = struct.model_fields[field.name].annotation
        nested = isinstance(inner, type) and issubclass(inner, Struct)
        values[field.name] = structs(inner) if nested else scalars(field.type)
    return st.builds(struct, **values)


messages = st.sampled_from(MESSAGES).flatmap(structs)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Batches of a few parties and up to thirty tasks, every receipt and serial once."""
    somebody = addresses.filter(lambda address: int(address, 16) > 0)
    buyers = draw(st.lists(somebody, min_size=1, max_size=5, unique=True))
    nodes = draw(st.lists(somebody, min_size=1, max_size=5, unique=True))
    receipts = draw(st.lists(hashes, min_size=1, max_size=30, unique=True))
    amounts = st.integers(0, 2**54) | st.integers(0, 10_000)
    first = {node: draw(st.integers(0, 2**64 - 1 - 60_000)) for node in nodes}
    apart = st.integers(0, 60_000) | st.integers(0, 300)
    offsets = draw(st.lists(apart, min_size=len(receipts), max_size=len(receipts), unique=True))
    tasks = []
    for receipt, offset in zip(receipts, offsets, strict=True):
        buyer, node = draw(st.sampled_from(buyers)), draw(st.sampled_from(nodes))
        tasks.append(NettingTask(buyer, node, draw(amounts), receipt, first[node] + offset))
    payees = {node: draw(st.sampled_from([*buyers, *nodes])) for node in nodes}
    return Batch(draw(st.integers(0, 2**64 - 1)), tuple(tasks), payees)
