"""What Python programs call and read exists in the contracts' ABI under that very name and type."""

from typing import Any

import pytest
from eth_utils.abi import abi_to_signature

from suanli.audit import calldata
from suanli.audit.books import RECORDERS
from suanli.protocol.abi import ContractName, load
from suanli.protocol.eip712 import fields_of
from suanli.protocol.messages import Delegation, Message, NodeTerms, Statement

CONTRACTS: tuple[ContractName, ...] = ("Ledger", "GridRegistry", "Settlement")
CALLS = (calldata.SETTLE_BATCH, calldata.SETTLE_STATEMENT, calldata.SETTLE_STATEMENTS, calldata.CONNECT)


def entries(kind: str) -> list[dict[str, Any]]:
    return [one for name in CONTRACTS for one in load(name).abi if one["type"] == kind]


def test_auditor_keeps_books_of_every_event() -> None:
    assert {one["name"] for one in entries("event")} == {*RECORDERS, "BatchSettled", "StatementSettled"}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_auditor_reads_calls_that_exist(call: tuple[str, tuple[str, ...]]) -> None:
    name, types = call
    assert f"{name}({','.join(types)})" in {abi_to_signature(one) for one in entries("function")}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("function", "kind"),
    [("connect", NodeTerms), ("delegate", Delegation), ("settleStatement", Statement)],
)
def test_structs_in_calls_have_the_fields_of_the_messages(function: str, kind: type[Message]) -> None:
    (entry,) = (one for one in entries("function") if one["name"] == function)
    components = [(one["type"], one["name"]) for one in entry["inputs"][0]["components"]]
    assert components == [(field.type, field.name) for field in fields_of(kind)]
