"""The contracts as data: every intent becomes the right call, every event and error is understood."""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import abi_to_signature
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from market.chain import events
from market.chain.calls import call_of
from market.chain.contracts import ChainEvent, Contracts, describe_revert
from market.db.tables.chain import Touched
from market.db.tables.outbox import IntentKind
from suanli.protocol.abi import load
from suanli.protocol.messages import Delegation, NodeTerms, Statement
from suanli.protocol.wire.accounts import ConnectRequest, Deployment, DepositRequest
from suanli.protocol.wire.common import Signed

ALICE, BOB = (to_checksum_address(byte * 40) for byte in "12")
HASH = "0x" + "5e" * 32
SIGNATURE = "0x" + "11" * 64
DEPLOYMENT = Deployment(
    chain_id=31337,
    ledger="0x" + "01" * 20,
    registry="0x" + "02" * 20,
    settlement="0x" + "03" * 20,
    token="0x" + "04" * 20,
    token_symbol="TSC",
    token_decimals=6,
    fee_basis_points=100,
    thaw_seconds=60,
    operator=ALICE,
    first_block=1,
)
CONTRACTS = Contracts(DEPLOYMENT)
TERMS = NodeTerms(node=ALICE, owner=BOB, benchmark=HASH, stake=7, expiry=9)
DELEGATION = Delegation(account=ALICE, delegate=BOB, cap=5, expiry=9, nonce=1)
STATEMENT = Statement(buyer=ALICE, node=BOB, amount=10, receipts=2, receiptsRoot=HASH)
PERMIT = DepositRequest(account=ALICE, amount=5, deadline=9, v=27, r=HASH, s=HASH)
CONNECT = ConnectRequest(terms=TERMS, owner_signature=SIGNATURE, node_signature=SIGNATURE)
VALUES = {"address": "0x" + "a1" * 20, "bytes32": b"\x01" * 32, "string": "words"}
CALLS: list[tuple[IntentKind, dict[str, Any], str, str]] = [
    (
        IntentKind.CONNECT,
        ConnectRequest(terms=TERMS, owner_signature=SIGNATURE, node_signature=SIGNATURE).model_dump(
            mode="json"
        ),
        "GridRegistry",
        "connect",
    ),
    (
        IntentKind.DELEGATE,
        {"delegation": Signed[Delegation](message=DELEGATION, signature=SIGNATURE).model_dump(mode="json")},
        "GridRegistry",
        "delegateBySignature",
    ),
    (IntentKind.DEPOSIT, PERMIT.model_dump(mode="json"), "Ledger", "depositWithPermit"),
    (IntentKind.FAUCET_TOKEN, {"account": ALICE, "amount": "5"}, "TestToken", "faucet"),
    (IntentKind.SETTLE_BATCH, {"packed": "0x1234", "signatures": [SIGNATURE]}, "Settlement", "settleBatch"),
    (
        IntentKind.SETTLE_STATEMENT,
        {"statement": STATEMENT.to_json(), "buyer_signature": SIGNATURE, "node_signature": SIGNATURE},
        "Settlement",
        "settleStatement",
    ),
]


@pytest.mark.parametrize(
    ("kind", "arguments", "contract", "function"), CALLS, ids=[str(one[0]) for one in CALLS]
)
def test_an_intent_becomes_the_call_of_its_contract(
    kind: IntentKind, arguments: dict[str, Any], contract: Any, function: str
) -> None:
    call = call_of(CONTRACTS, kind, arguments)
    assert call.value == 0
    assert CONTRACTS.calldata(contract, call.to, bytes.fromhex(call.data[2:]))[0] == function


def test_gas_money_is_a_plain_transfer() -> None:
    call = call_of(CONTRACTS, IntentKind.FAUCET_GAS, {"account": ALICE, "amount": "5"})
    assert (call.to, call.data, call.value) == (ALICE, "0x", 5)


def test_every_kind_of_intent_has_a_call() -> None:
    assert {one[0] for one in CALLS} | {IntentKind.FAUCET_GAS} == set(IntentKind)


def test_no_event_of_the_contracts_is_passed_over() -> None:
    """A new event must be given its rows here before the contracts can be deployed."""
    for contract in ("Ledger", "GridRegistry", "Settlement"):
        names = {one["name"] for one in load(contract).abi if one["type"] == "event"}  # type: ignore[arg-type]
        unknown = {name for name in names if name not in events._TOUCHES}
        assert unknown <= {"BatchSettled"}  # its rows are its calldata's parties


def test_a_statement_event_names_the_whole_statement() -> None:
    arguments = {
        "buyer": STATEMENT.buyer,
        "node": STATEMENT.node,
        "amount": 10,
        "receipts": 2,
        "receiptsRoot": bytes.fromhex(HASH[2:]),
    }
    event = ChainEvent("Settlement", "StatementSettled", arguments, 5, HASH)
    assert events.statement(event) == STATEMENT
    assert events.Touch(Touched.PAIR, STATEMENT.buyer, STATEMENT.node) in events.touches(event)


@pytest.mark.parametrize("contract", ["Ledger", "GridRegistry", "Settlement", "TestToken"])
def test_every_custom_error_is_told_by_name_and_values(contract: Any) -> None:
    for error in (one for one in load(contract).abi if one["type"] == "error"):
        types = [field["type"] for field in error["inputs"]]
        values = [VALUES.get(type_, 1) for type_ in types]
        data = keccak(text=abi_to_signature(error))[:4] + encode(types, values)  # type: ignore[arg-type]
        told = describe_revert(data)
        assert told.startswith(f"{error['name']}(")
        assert all(f"{field['name']}=" in told for field in error["inputs"] if field["name"])


def test_other_reverts_are_told_as_well() -> None:
    message = keccak(text="Error(string)")[:4] + encode(["string"], ["no"])
    assert describe_revert(message) == "Error(message=no)"
    assert describe_revert(b"") == "no reason was given"
    assert describe_revert(b"\x01\x02\x03\x04") == "an unknown error 0x01020304"
    assert "malformed" in describe_revert(message[:8])
