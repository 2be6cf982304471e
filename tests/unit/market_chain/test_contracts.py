"""The contracts as data: every intent becomes the right call, every event and error is understood."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import abi_to_signature
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from pydantic import ValidationError

from market.chain import events
from market.chain.calls import call_of
from market.chain.contracts import CONTRACTS as CONTRACT_NAMES
from market.chain.contracts import ChainEvent, Contracts, describe_revert
from market.db.tables.chain import Touched
from market.db.tables.outbox import IntentKind
from suanli.protocol.abi import load
from suanli.protocol.errors import ChainError
from suanli.protocol.messages import Delegation, EpochAnchor, NodeTerms, ReservationRelease, Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.reservations import reservation_account
from suanli.protocol.serials import NO_MARKS_HASH
from suanli.protocol.wire.accounts import ConnectRequest, Deployment, DepositRequest
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.settlement import CoSignature

ALICE, BOB, CAROL = (to_checksum_address(byte * 40) for byte in "123")
HASH = "0x" + "5e" * 32
SIGNATURE = "0x" + "11" * 64
DEPLOYMENT = Deployment(
    chain_id=31337,
    ledger="0x" + "01" * 20,
    registry="0x" + "02" * 20,
    settlement="0x" + "03" * 20,
    token="0x" + "04" * 20,
    authority="0x" + "05" * 20,
    bidding="0x" + "06" * 20,
    anchors="0x" + "07" * 20,
    court="0x" + "08" * 20,
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
STATEMENT = Statement(
    buyer=ALICE, node=BOB, payee=CAROL, amount=10, receipts=2, receiptsRoot=HASH, marks=NO_MARKS_HASH
)
ANCHOR = EpochAnchor(epoch=1, bookRoot=HASH, matchRoot=HASH, prices=HASH, orders=2, leases=1, evidence=HASH)
PERMIT = DepositRequest(account=ALICE, amount=5, deadline=9, v=27, r=HASH, s=HASH)
CONNECT = ConnectRequest(terms=TERMS, owner_signature=SIGNATURE, node_signature=SIGNATURE)
VALUES = {"address": "0x" + "a1" * 20, "bytes32": b"\x01" * 32, "bytes4": b"\x02\0\0\0", "string": "words"}
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
    (IntentKind.ANCHOR, {"anchor": ANCHOR.to_json(), "uri": "http://market"}, "EpochAnchors", "anchor"),
    (IntentKind.BOND, {}, "EpochAnchors", "bond"),
    (IntentKind.FAUCET_TOKEN, {"account": ALICE, "amount": "5"}, "TestToken", "faucet"),
    (IntentKind.SETTLE_BATCH, {"packed": "0x1234", "signatures": [SIGNATURE]}, "Settlement", "settleBatch"),
    (
        IntentKind.SETTLE_STATEMENT,
        {
            "statement": STATEMENT.to_json(),
            "marks": "0x1234",
            "buyer_signature": SIGNATURE,
            "node_signature": SIGNATURE,
        },
        "Settlement",
        "settleStatement",
    ),
    (
        IntentKind.SETTLE_RESERVED,
        {
            "statement": STATEMENT.to_json(),
            "marks": "0x1234",
            "order": HASH,
            "buyer_signature": SIGNATURE,
            "node_signature": SIGNATURE,
            "guardian_signature": SIGNATURE,
        },
        "Settlement",
        "settleReserved",
    ),
    (
        IntentKind.RELEASE_RESERVATION,
        {"release": ReservationRelease(order=HASH, remaining=3).to_json(), "signature": SIGNATURE},
        "Bidding",
        "releaseEarly",
    ),
    (IntentKind.SETTLE_STATEMENTS, {"packed": "0x1234"}, "Settlement", "settleStatements"),
]


BATCH_CALL = next(one for one in CALLS if one[0] is IntentKind.SETTLE_BATCH)


@pytest.mark.parametrize(
    ("kind", "arguments", "contract", "function"), CALLS, ids=[str(one[0]) for one in CALLS]
)
def test_an_intent_becomes_the_call_of_its_contract(
    kind: IntentKind, arguments: dict[str, Any], contract: Any, function: str
) -> None:
    call = call_of(CONTRACTS, kind, arguments)
    assert call.value == 0
    assert CONTRACTS.calldata(contract, call.to, bytes.fromhex(call.data[2:]))[0] == function


@pytest.mark.parametrize("change", [lambda data: data[:-1] + b"\x01", lambda data: data[:-28]])
def test_calldata_with_a_dirty_or_missing_tail_is_read_as_the_contract_reads_it(
    change: Callable[[bytes], bytes],
) -> None:
    arguments = {"packed": "0x" + "12" * 32, "signatures": ["0x12345678"]}
    call = call_of(CONTRACTS, IntentKind.SETTLE_BATCH, arguments)
    function, found = CONTRACTS.calldata("Settlement", call.to, change(bytes.fromhex(call.data[2:])))
    assert (function, found["batch"]) == ("settleBatch", b"\x12" * 32)


@pytest.mark.parametrize("size", [4, 5, 36, 68, 100])
def test_calldata_that_nobody_can_read_is_told_apart_and_raises_nothing(size: int) -> None:
    call = call_of(CONTRACTS, *BATCH_CALL[:2])
    data = bytes.fromhex(call.data[2:])
    assert CONTRACTS.calldata("Settlement", call.to, data[:size]) == ("", {})
    assert CONTRACTS.calldata("Settlement", call.to, data[:4] + b"\xff" * 100) == ("", {})
    assert CONTRACTS.calldata("Settlement", call.to, b"\1\2\3\4" + data) == ("", {})


def test_the_terms_of_a_connection_are_read_back() -> None:
    call = call_of(CONTRACTS, *CALLS[0][:2])
    _, found = CONTRACTS.calldata("GridRegistry", call.to, bytes.fromhex(call.data[2:]))
    terms = {**found["terms"], "benchmark": "0x" + found["terms"]["benchmark"].hex()}
    assert NodeTerms(**terms) == TERMS


def test_an_intent_that_makes_no_call_is_malformed() -> None:
    arguments = {"packed": "0x1234", "signatures": ["zz"]}
    with pytest.raises(ChainError) as refused:
        call_of(CONTRACTS, IntentKind.SETTLE_BATCH, arguments)
    assert refused.value.reason is Reason.MESSAGE_MALFORMED


@pytest.mark.parametrize(
    "signature",
    ["", "0x", "zz", "0xzz", "0x123", "12", "0x" + "00" * 4097],
    ids=["empty", "no digits", "words", "no hex", "odd", "no prefix", "too long"],
)
def test_what_is_no_signature_gets_into_no_body(signature: str) -> None:
    with pytest.raises(ValidationError):
        CoSignature(party=ALICE, signature=signature)
    with pytest.raises(ValidationError):
        ConnectRequest(terms=TERMS, owner_signature=signature, node_signature=SIGNATURE)
    with pytest.raises(ValidationError):
        Signed[Delegation](message=DELEGATION, signature=signature)


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
        # the rows of batches are their calldata's parties
        assert unknown <= {"BatchSettled", "RootSettled", "StatementsSettled"} | events.NO_ROWS


@pytest.mark.parametrize(
    ("contract", "wanted"),
    [
        ("Bidding", {"Cancelled", "Reserved"}),
        ("ClaimCourt", {"ClaimOpened", "ClaimChallenged", "ClaimClosed", "DisputeResolved"}),
        ("Settlement", {"ReservationDrawn"}),
    ],
)
def test_the_events_of_claims_and_reservations_are_those_that_the_contracts_have(
    contract: Any, wanted: set[str]
) -> None:
    assert wanted <= {one["name"] for one in load(contract).abi if one["type"] == "event"}


def test_a_statement_event_names_the_statement_but_its_marks() -> None:
    arguments = {
        "buyer": STATEMENT.buyer,
        "node": STATEMENT.node,
        "payee": STATEMENT.payee,
        "amount": 10,
        "receipts": 2,
        "receiptsRoot": bytes.fromhex(HASH[2:]),
    }
    event = ChainEvent("Settlement", "StatementSettled", arguments, 5, HASH)
    assert events.statement(event) == STATEMENT
    touched = {events.account(STATEMENT.buyer), events.account(STATEMENT.payee)}
    assert events.touches(event) == touched


def test_a_reservations_events_touch_the_account_that_nobody_has_the_key_of() -> None:
    drawn = ChainEvent(
        "Settlement", "ReservationDrawn", {"order": bytes.fromhex(HASH[2:]), "amount": 1}, 5, HASH
    )
    touched = {events.account(reservation_account(HASH)), events.Touch(Touched.RESERVATION, HASH)}
    assert events.touches(drawn) == touched


@pytest.mark.parametrize("contract", CONTRACT_NAMES)
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
