"""What Python programs call and read exists in the contracts' ABI under that very name and type."""

from typing import Any, get_args

import pytest
from eth_utils.abi import abi_to_signature

from suanli.audit import calldata, claim_calls
from suanli.audit.books import RECORDERS
from suanli.audit.history import SETTLEMENTS
from suanli.audit.invariants import NAMED
from suanli.protocol.abi import ContractName, load
from suanli.protocol.eip712 import fields_of
from suanli.protocol.messages import (
    Cancellation,
    Delegation,
    EpochAnchor,
    JobOrder,
    Message,
    NodeTerms,
    Statement,
    VerdictSeal,
)

CONTRACTS: tuple[ContractName, ...] = tuple(name for name in get_args(ContractName) if name != "TestToken")
CALLS = (
    calldata.SETTLE_BATCH,
    calldata.SETTLE_ROOT,
    calldata.SETTLE_STATEMENT,
    calldata.SETTLE_STATEMENTS,
    calldata.SETTLE_RESERVED,
    claim_calls.OPEN_CLAIMS,
    claim_calls.OPEN_AWARD_CLAIMS,
    claim_calls.OPEN_VERDICT,
    claim_calls.RESERVE,
)


def entries(kind: str, *contracts: ContractName) -> list[dict[str, Any]]:
    return [one for name in contracts or CONTRACTS for one in load(name).abi if one["type"] == kind]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_auditor_keeps_books_of_every_event(contract: ContractName) -> None:
    settlements = SETTLEMENTS if contract == "Settlement" else set()
    assert {one["name"] for one in entries("event", contract)} == set(RECORDERS[contract]) | settlements


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_auditor_reads_calls_that_exist(call: calldata.Call) -> None:
    name, types = call
    assert f"{name}({','.join(types)})" in {abi_to_signature(one) for one in entries("function")}  # type: ignore[arg-type]


@pytest.mark.parametrize(("contract", "part"), NAMED)
def test_auditor_asks_the_contracts_for_names_that_they_tell(contract: ContractName, part: str) -> None:
    assert part in {one["name"] for one in entries("function", contract)}


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("connect", NodeTerms),
        ("delegate", Delegation),
        ("settleStatement", Statement),
        ("reserve", JobOrder),
        ("cancelBySignature", Cancellation),
        ("commitVerdictBySignature", VerdictSeal),
        ("anchor", EpochAnchor),
        ("openClaims", JobOrder),
    ],
)
def test_structs_in_calls_have_the_fields_of_the_messages(function: str, kind: type[Message]) -> None:
    (entry,) = (one for one in entries("function") if one["name"] == function)
    named = [field.name for field in fields_of(kind)]
    assert [one["name"] for one in entry["inputs"][0]["components"]] == named
