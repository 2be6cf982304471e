"""Python = Solidity: hashes, digests and domain by the compiled code; structs and enums by their sources."""

import json
import re
from enum import IntEnum
from pathlib import Path
from random import Random
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from pyrevm import EVM

from suanli.protocol.eip712 import Domain, Struct, fields_of
from suanli.protocol.messages import MESSAGES, Limits, Message, Prices, Usage
from suanli.protocol.states import NodeState, SlashReason
from tests.parity.vectors import random_struct

ROOT = Path(__file__).parents[2]
HARNESS = json.loads((Path(__file__).parent / "abi/MessagesHarness.json").read_text())
DEPLOYER = to_checksum_address("0x" + "d0" * 20)
LEDGER = to_checksum_address("0x" + "1e" * 20)
MAINNET = 1
"""The chain id of an EVM that nobody configured."""


class Harness:
    """The compiled message library in an EVM without a chain."""

    def __init__(self) -> None:
        self._evm = EVM()
        code = bytes.fromhex(HARNESS["bytecode"][2:]) + encode(["address"], [LEDGER])
        self._address = self._evm.deploy(DEPLOYER, code)

    def call(self, name: str, types: list[str], values: list[Any]) -> bytes:
        """What a function that returns one word says."""
        data = keccak(text=f"{name}({','.join(types)})")[:4] + encode(types, values)
        (word,) = decode(["bytes32"], self._evm.message_call(DEPLOYER, self._address, data))
        return bytes(word)


@pytest.fixture(scope="module")
def harness() -> Harness:
    return Harness()


def abi_type(kind: type[Struct]) -> str:
    """A struct as a tuple of the ABI."""
    nested = {one.__name__: one for one in (Prices, Usage, Limits)}
    fields = (
        abi_type(nested[field.type]) if field.type in nested else field.type for field in fields_of(kind)
    )
    return f"({','.join(fields)})"


def abi_value(struct: Struct) -> tuple[Any, ...]:
    """A struct's values as the ABI coder takes them."""
    values = (getattr(struct, field.name) for field in fields_of(type(struct)))
    plain = (abi_value(value) if isinstance(value, Struct) else value for value in values)
    return tuple(bytes.fromhex(one[2:]) if isinstance(one, str) and len(one) == 66 else one for one in plain)


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_struct_hash_and_digest_are_the_same(harness: Harness, kind: type[Message]) -> None:
    random, domain = Random(kind.__name__), Domain(chain_id=MAINNET, ledger=LEDGER)
    for _ in range(20):
        message = random_struct(random, kind)
        assert isinstance(message, Message)
        struct_hash = harness.call(f"hash{kind.__name__}", [abi_type(kind)], [abi_value(message)])
        assert struct_hash == message.struct_hash()
        assert harness.call("digest", ["bytes32"], [struct_hash]) == domain.digest(message)


def test_domain_separator_is_the_same(harness: Harness) -> None:
    assert harness.call("domainSeparator", [], []) == Domain(chain_id=MAINNET, ledger=LEDGER).separator()


def test_every_message_has_a_hash_function_in_solidity() -> None:
    functions = {one["name"] for one in HARNESS["abi"] if one["type"] == "function"}
    assert functions == {f"hash{kind.__name__}" for kind in MESSAGES} | {"digest", "domainSeparator"}


@pytest.mark.parametrize("kind", [Prices, Usage, Limits, *MESSAGES], ids=lambda kind: kind.__name__)
def test_solidity_declares_the_type_string_and_the_same_struct(kind: type[Struct]) -> None:
    source = (ROOT / "contracts/libraries/Messages.sol").read_text()
    assert f'"{kind.TYPE}"' in source
    body = re.search(rf"struct {kind.__name__} {{(.*?)}}", source, re.DOTALL)
    assert body is not None
    declared = re.findall(r"(\w+) (\w+);", body[1])
    assert declared == [(field.type, field.name) for field in fields_of(kind)]


@pytest.mark.parametrize("kind", [NodeState, SlashReason], ids=lambda kind: kind.__name__)
def test_enums_have_the_numbers_of_solidity(kind: type[IntEnum]) -> None:
    source = (ROOT / "contracts/interfaces/IGridRegistry.sol").read_text()
    body = re.search(rf"enum {kind.__name__} {{(.*?)}}", source, re.DOTALL)
    assert body is not None
    assert re.findall(r"\w+", body[1]) == [one.name for one in sorted(kind)]
    assert sorted(kind) == list(range(len(kind)))
