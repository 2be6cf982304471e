"""How Suanli's contracts come to a chain: the plan of a deployment, and the text of the file it leaves.

Pure: brownie and the market each carry the plan out with their own means and read and write the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak
from pydantic import ValidationError

from suanli.protocol.abi import ContractName
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

DAY = 24 * 3600
MAXIMUM_FEE_BASIS_POINTS = 1000
MAXIMUM_WAIT_SECONDS = 90 * DAY
MAXIMUM_MODULE_DELAY_SECONDS = 3650 * DAY
CONTRACTS: tuple[ContractName, ...] = (
    "Authority",
    "Ledger",
    "GridRegistry",
    "Settlement",
    "Bidding",
    "EpochAnchors",
    "ClaimCourt",
)
"""In the order of their creation, after the TestToken where there is one."""
PAUSABLE: tuple[ContractName, ...] = ("Ledger", "GridRegistry", "Bidding", "EpochAnchors")
MODULES: tuple[ContractName, ...] = ("Bidding", "EpochAnchors", "ClaimCourt")

Argument = Address | int | tuple[Address, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeploymentParameters:
    """What a deployment may choose; the contracts keep it for good. Amounts in atoms, times in seconds.

    `token` None makes a TestToken; `governor` and `pauser` None name the deployer.
    """

    fee_recipient: Address
    fee_basis_points: int = 100
    minimum_stake: int = 10_000_000
    thaw_seconds: int = DAY
    unbonding_seconds: int = 14 * DAY
    module_delay_seconds: int = 30 * DAY
    governor_delay_seconds: int = 2 * DAY
    claim_grace_seconds: int = 7 * DAY
    anchor_grace_seconds: int = DAY
    operator_bond: int = 1_000_000_000
    court: CourtRules = field(default_factory=CourtRules)
    token: Address | None = None
    governor: Address | None = None
    pauser: Address | None = None

    def __post_init__(self) -> None:
        _require(0 <= self.fee_basis_points <= MAXIMUM_FEE_BASIS_POINTS, "the fee is 0 to 1000 basis points")
        waits = (self.thaw_seconds, self.unbonding_seconds, self.claim_grace_seconds)
        _require(
            all(0 <= wait <= MAXIMUM_WAIT_SECONDS for wait in waits), "each wait is 0 seconds to 90 days"
        )
        leaving = self.thaw_seconds + self.unbonding_seconds
        _require(
            leaving < self.module_delay_seconds <= MAXIMUM_MODULE_DELAY_SECONDS,
            "a module waits longer than thaw and unbonding together, and at most ten years",
        )
        dispute = self.court.longest_dispute()
        _require(
            dispute <= min(self.unbonding_seconds, self.claim_grace_seconds),
            "unbonding and claim grace outlast the longest dispute",
        )
        _require(0 <= self.governor_delay_seconds < 1 << 32, "the governor's delay does not fit uint32")
        _require(
            0 <= self.anchor_grace_seconds < self.unbonding_seconds,
            "the operator's bond outlasts the grace for anchors",
        )
        _require(0 <= self.minimum_stake < 1 << 88, "the minimum stake does not fit uint88")
        _require(0 < self.operator_bond < 1 << 96, "the operator's bond is nothing, or does not fit uint96")

    @classmethod
    def development(cls, fee_recipient: Address, **chosen: Any) -> "DeploymentParameters":
        """Short times and small sums for a chain with play money; `chosen` goes before them.

        The waits are longer than a small lease lasts, so that no withdrawal overtakes its settlement.
        """
        short: dict[str, Any] = {
            "thaw_seconds": 3600,
            "unbonding_seconds": 3600,
            "module_delay_seconds": DAY,
            "governor_delay_seconds": 0,
            "claim_grace_seconds": 3600,
            "anchor_grace_seconds": 600,
            "operator_bond": 100_000_000,
            "court": CourtRules.development(),
        }
        return cls(fee_recipient=fee_recipient, **short | chosen)


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """One creation: the contract's name, its constructor's arguments in order, the address it will have."""

    name: ContractName
    arguments: tuple[Argument, ...]
    address: Address


def plan(deployer: Address, nonce: int, parameters: DeploymentParameters) -> list[PlannedContract]:
    """The creations, in order, that `deployer` sends with its transactions `nonce`, `nonce + 1`, …

    The contracts name each other by foretold addresses, so no other transaction may come between them.
    """
    tokens = [] if parameters.token else [PlannedContract("TestToken", (), create_address(deployer, nonce))]
    token = parameters.token or tokens[0].address
    first = nonce + len(tokens)
    at = {name: create_address(deployer, first + place) for place, name in enumerate(CONTRACTS)}
    arguments = _arguments(deployer, token, at, parameters)
    return tokens + [PlannedContract(name, arguments[name], at[name]) for name in CONTRACTS]


def _arguments(
    deployer: Address, token: Address, at: Mapping[ContractName, Address], chosen: DeploymentParameters
) -> dict[ContractName, tuple[Argument, ...]]:
    """What each constructor takes; interfaces/*.sol say what it means."""
    authority, ledger, registry, settlement, bidding, _anchors, court = (at[name] for name in CONTRACTS)
    modules, pausable = (tuple(at[name] for name in names) for names in (MODULES, PAUSABLE))
    thaw, delay, unbonding = chosen.thaw_seconds, chosen.module_delay_seconds, chosen.unbonding_seconds
    governor, pauser = chosen.governor or deployer, chosen.pauser or deployer
    return {
        "Authority": (governor, chosen.governor_delay_seconds, pauser, ledger, pausable),
        "Ledger": (token, authority, registry, settlement, modules, thaw, delay),
        "GridRegistry": (ledger, authority, settlement, court, chosen.minimum_stake, unbonding),
        "Settlement": (ledger, registry, bidding, court, chosen.fee_recipient, chosen.fee_basis_points),
        "Bidding": (ledger, registry, court, authority, chosen.claim_grace_seconds),
        "EpochAnchors": (ledger, authority, chosen.operator_bond, chosen.anchor_grace_seconds, unbonding),
        "ClaimCourt": (ledger, registry, settlement, bidding, chosen.court.values()),
    }


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ProtocolError(Reason.SETTINGS_INVALID, sentence)


def create_address(deployer: Address, nonce: int) -> Address:
    """The address of the contract that `deployer` creates with its transaction `nonce` (CREATE)."""
    return to_checksum_address(keccak(rlp.encode([to_canonical_address(deployer), nonce]))[12:])


def to_text(deployment: Deployment) -> str:
    """The deployment file's text (JSON)."""
    return deployment.model_dump_json(indent=2) + "\n"


def from_text(text: str) -> Deployment:
    """The deployment in a file's text. Raises ProtocolError(DOCUMENT_MALFORMED)."""
    try:
        return Deployment.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError(Reason.DOCUMENT_MALFORMED, f"not a deployment file: {error}") from error


def same_contracts(one: Deployment, other: Deployment) -> bool:
    """Whether two deployments agree in everything but how the chain is reached."""
    return one.model_copy(update={"rpc_url": None}) == other.model_copy(update={"rpc_url": None})
