"""Each kind of intent as the call that carries it out. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from eth_abi.exceptions import EncodingError
from web3.exceptions import Web3Exception

from market.chain.contracts import Call, Contracts
from market.db.tables.outbox import IntentKind
from suanli.protocol.eip712 import Struct
from suanli.protocol.errors import ChainError, ProtocolError
from suanli.protocol.messages import EpochAnchor, ReservationRelease, Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import ConnectRequest, DelegationRequest, DepositRequest

Arguments = Mapping[str, Any]


def call_of(contracts: Contracts, kind: IntentKind, arguments: Arguments) -> Call:
    """The call for an intent's kind and arguments. Raises ChainError(MESSAGE_MALFORMED)."""
    try:
        return _BUILDERS[kind](contracts, arguments)
    except (ValueError, TypeError, LookupError, EncodingError, Web3Exception, ProtocolError) as error:
        detail = f"no transaction can be made of this {kind} intent: {error}"
        raise ChainError(Reason.MESSAGE_MALFORMED, detail) from error


def _anchor(contracts: Contracts, arguments: Arguments) -> Call:
    anchor = EpochAnchor.from_json(arguments["anchor"])
    return contracts.call("EpochAnchors", "anchor", _tuple(anchor), str(arguments["uri"]))


def _bond(contracts: Contracts, arguments: Arguments) -> Call:
    return contracts.call("EpochAnchors", "bond")


def _connect(contracts: Contracts, arguments: Arguments) -> Call:
    request = ConnectRequest.model_validate(arguments)
    signatures = (_bytes(request.owner_signature), _bytes(request.node_signature))
    return contracts.call("GridRegistry", "connect", _tuple(request.terms), *signatures)


def _delegate(contracts: Contracts, arguments: Arguments) -> Call:
    signed = DelegationRequest.model_validate(arguments).delegation
    message = _tuple(signed.message)
    return contracts.call("GridRegistry", "delegateBySignature", message, _bytes(signed.signature))


def _deposit(contracts: Contracts, arguments: Arguments) -> Call:
    request = DepositRequest.model_validate(arguments)
    permit = (request.deadline, request.v, _bytes(request.r), _bytes(request.s))
    return contracts.call("Ledger", "depositWithPermit", request.account, request.amount, *permit)


def _faucet_token(contracts: Contracts, arguments: Arguments) -> Call:
    return contracts.call("TestToken", "faucet", arguments["account"], int(arguments["amount"]))


def _faucet_gas(contracts: Contracts, arguments: Arguments) -> Call:
    return Call(arguments["account"], value=int(arguments["amount"]))


def _settle_batch(contracts: Contracts, arguments: Arguments) -> Call:
    signatures = b"".join(_bytes(signature) for signature in arguments["signatures"])
    return contracts.call("Settlement", "settleBatch", _bytes(arguments["packed"]), signatures)


def _release_reservation(contracts: Contracts, arguments: Arguments) -> Call:
    message = ReservationRelease.from_json(arguments["release"])
    return contracts.call("Bidding", "releaseEarly", _tuple(message), _bytes(arguments["signature"]))


def _settle_reserved(contracts: Contracts, arguments: Arguments) -> Call:
    statement = Statement.from_json(arguments["statement"])
    names = ("marks", "order", "buyer_signature", "node_signature", "guardian_signature")
    parts = (_bytes(arguments[name]) for name in names)
    return contracts.call("Settlement", "settleReserved", _tuple(statement), *parts)


def _settle_statement(contracts: Contracts, arguments: Arguments) -> Call:
    statement = Statement.from_json(arguments["statement"])
    parts = (_bytes(arguments[name]) for name in ("marks", "buyer_signature", "node_signature"))
    return contracts.call("Settlement", "settleStatement", _tuple(statement), *parts)


def _settle_statements(contracts: Contracts, arguments: Arguments) -> Call:
    return contracts.call("Settlement", "settleStatements", _bytes(arguments["packed"]))


def _tuple(message: Struct) -> tuple[Any, ...]:
    return tuple(
        _bytes(value) if isinstance(value, str) and len(value) == _HASH_LENGTH else value
        for value in (getattr(message, name) for name in type(message).model_fields)
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


_HASH_LENGTH = len("0x") + 64

_BUILDERS: Mapping[IntentKind, Callable[[Contracts, Arguments], Call]] = {
    IntentKind.ANCHOR: _anchor,
    IntentKind.BOND: _bond,
    IntentKind.CONNECT: _connect,
    IntentKind.DELEGATE: _delegate,
    IntentKind.DEPOSIT: _deposit,
    IntentKind.FAUCET_GAS: _faucet_gas,
    IntentKind.FAUCET_TOKEN: _faucet_token,
    IntentKind.RELEASE_RESERVATION: _release_reservation,
    IntentKind.SETTLE_BATCH: _settle_batch,
    IntentKind.SETTLE_RESERVED: _settle_reserved,
    IntentKind.SETTLE_STATEMENT: _settle_statement,
    IntentKind.SETTLE_STATEMENTS: _settle_statements,
}
