"""Test vectors: random messages, batches, trees, charges and urns with what the Python makes of them.

Made from a fixed seed and committed, so that any other implementation can be held against them.
`python -m tests.parity.vectors` writes the file anew.
"""

import json
from pathlib import Path
from random import Random
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address

from suanli.protocol.eip712 import Domain, Message, Struct, fields_of
from suanli.protocol.identifiers import ADDRESS_KINDS, UrnKind, make_urn
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import MESSAGES, Prices, Usage
from suanli.protocol.netting import Batch, NettingTask, message, net, pack
from suanli.protocol.signatures import sign
from suanli.protocol.units import charge, charge_lines

FILE = Path(__file__).with_name("vectors.json")
SEED = 20_261_123
EACH = 3
SPREAD = 1_500
"""Serials of a node: some words, some of them empty."""


def vectors() -> dict[str, Any]:
    """All vectors, as JSON values."""
    random = Random(SEED)
    domain = Domain(chain_id=31337, ledger=_address(random))
    return {
        "domain": {
            "chainId": domain.chain_id,
            "ledger": domain.ledger,
            "separator": _hex(domain.separator()),
        },
        "messages": [_message(random, domain, kind) for kind in MESSAGES for _ in range(EACH)],
        "batches": [_batch(random, size) for size in (1, 2, 40)],
        "trees": [_tree(random, size) for size in (1, 2, 3, 4, 7, 13)],
        "charges": [_charge(random, bits) for bits in (1, 20, 40, 64)],
        "urns": [_urn(random, kind) for kind in UrnKind],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(vectors(), indent=1) + "\n"


def random_struct(random: Random, kind: type[Struct]) -> Struct:
    """A struct of random values that span each type's range."""
    values: dict[str, Any] = {}
    for field in fields_of(kind):
        inner = kind.model_fields[field.name].annotation
        if isinstance(inner, type) and issubclass(inner, Struct):
            values[field.name] = random_struct(random, inner)
        else:
            values[field.name] = _scalar(random, field.type)
    return kind(**values)


def _message(random: Random, domain: Domain, kind: type[Message]) -> dict[str, Any]:
    value = random_struct(random, kind)
    assert isinstance(value, Message)
    key = Account.from_key(random.randbytes(32))
    return {
        "name": kind.__name__,
        "typeString": kind.type_string(),
        "typeHash": _hex(kind.type_hash()),
        "value": value.to_json(),
        "structHash": value.id(),
        "digest": _hex(domain.digest(value)),
        "signature": sign(key, domain, value),
        "signer": key.address,
    }


def _batch(random: Random, size: int) -> dict[str, Any]:
    buyers, nodes, owners = ([_address(random) for _ in range(count)] for count in (5, 5, 3))
    first = {node: _bits(random, 63) for node in nodes}
    tasks = []
    for offset in random.sample(range(SPREAD), size):
        node, amount = random.choice(nodes), _bits(random, 64)
        task = NettingTask(random.choice(buyers), node, amount, _hash(random), first[node] + offset)
        tasks.append(task)
    payees = {node: random.choice(owners) for node in nodes}
    batch, fee = Batch(_bits(random, 64), tuple(tasks), payees), random.randrange(1000)
    moved = net(batch, fee)
    return {
        "epoch": str(batch.epoch),
        "payees": payees,
        "tasks": [
            [task.buyer, task.node, str(task.amount), task.receipt, str(task.serial)] for task in tasks
        ],
        "packed": _hex(pack(batch)),
        "hash": message(batch).batch,
        "id": message(batch).id(),
        "feeBasisPoints": fee,
        "paid": {party: str(amount) for party, amount in moved.paid.items()},
        "earned": {party: str(amount) for party, amount in moved.earned.items()},
        "fee": str(moved.fee),
    }


def _tree(random: Random, size: int) -> dict[str, Any]:
    hashes = [_hash(random) for _ in range(size)]
    tree = MerkleTree(hashes)
    return {"hashes": hashes, "root": tree.root(), "proofs": [tree.proof(at) for at in range(size)]}


def _charge(random: Random, bits: int) -> dict[str, Any]:
    prices, usage = (
        kind(**{name: random.getrandbits(bits) for name in kind.model_fields}) for kind in (Prices, Usage)
    )
    assert isinstance(prices, Prices)
    assert isinstance(usage, Usage)
    minimum = random.getrandbits(bits)
    return {
        "prices": prices.to_json(),
        "usage": usage.to_json(),
        "minimum": str(minimum),
        "lines": [str(line) for line in charge_lines(prices, usage)],
        "amount": str(charge(prices, usage, minimum)),
    }


def _urn(random: Random, kind: UrnKind) -> dict[str, Any]:
    value = _address(random) if kind in ADDRESS_KINDS else _hash(random)
    index = random.randrange(1000) if kind is UrnKind.TASK else None
    return {
        "chainId": 31337,
        "kind": kind.value,
        "value": value,
        "index": index,
        "urn": str(make_urn(31337, kind, value, index)),
    }


def _scalar(random: Random, type_: str) -> Any:
    if type_ == "address":
        return _address(random)
    return _hash(random) if type_ == "bytes32" else _bits(random, int(type_.removeprefix("uint")))


def _bits(random: Random, most: int) -> int:
    return random.getrandbits(random.randint(1, most))


def _address(random: Random) -> str:
    return to_checksum_address(random.randbytes(20))


def _hash(random: Random) -> str:
    return _hex(random.randbytes(32))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
