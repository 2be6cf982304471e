"""Accounts: sign-in (EIP-4361), API keys, balances, relayed messages and the fate of their intents."""

from enum import StrEnum

from suanli.protocol.messages import Delegation, NodeTerms
from suanli.protocol.values import Address, Hash, SignatureHex, Uint64, Uint128
from suanli.protocol.wire.common import Explanation, Signed, Wire


class Deployment(Wire):
    """`GET /deployment`: what a program needs to know of this market and its contracts."""

    chain_id: int
    ledger: Address
    registry: Address
    settlement: Address
    authority: Address
    bidding: Address
    anchors: Address
    court: Address
    token: Address
    token_symbol: str
    token_decimals: int
    fee_basis_points: int
    thaw_seconds: int
    operator: Address
    """The key that signs leases and inclusion promises, and that buyers may name as their delegate."""
    first_block: int
    rpc_url: str | None = None
    development: bool = False


class ChallengeRequest(Wire):
    """`POST /auth/challenge`."""

    address: Address


class Challenge(Wire):
    """The EIP-4361 text to sign as a personal message (EIP-191)."""

    text: str


class SessionRequest(Wire):
    """`POST /auth/session`: the challenge's text and its EIP-191 signature."""

    text: str
    signature: SignatureHex


class Session(Wire):
    """A bearer token for `Authorization: Bearer …`."""

    token: str
    address: Address
    expires_at: int


class ApiKeyRequest(Wire):
    """`POST /api-keys`."""

    name: str


class ApiKey(Wire):
    """An API key; `key` is shown once, when it is made."""

    id: str
    name: str
    created_at: int
    key: str | None = None


class AccountView(Wire):
    """`GET /accounts/{address}`: money as last indexed from the chain, in atoms."""

    address: Address
    balance: Uint128
    thawing: Uint128
    thaw_ready_at: Uint64
    epoch: Uint64
    staked: Uint128
    committed: Uint128
    """What open jobs and unsettled receipts may still take, by the market's books."""


class ConnectRequest(Wire):
    """`POST /relay/connect`: the terms with both signatures."""

    terms: NodeTerms
    owner_signature: SignatureHex
    node_signature: SignatureHex


class DelegationRequest(Wire):
    """`POST /relay/delegation`."""

    delegation: Signed[Delegation]


class DepositRequest(Wire):
    """`POST /relay/deposit`: an EIP-2612 permit for the Ledger, and the account to credit (its owner)."""

    account: Address
    amount: Uint128
    deadline: Uint64
    v: int
    r: Hash
    s: Hash


class FaucetRequest(Wire):
    """`POST /relay/faucet`: test tokens and gas, on development chains only."""

    account: Address


class IntentState(StrEnum):
    """The life of a transaction that the market relays."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"


class Intent(Wire):
    """`GET /intents/{id}`."""

    id: str
    kind: str
    state: IntentState
    transaction: Hash | None = None
    failure: Explanation | None = None
