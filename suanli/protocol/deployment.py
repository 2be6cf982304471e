"""How Suanli's contracts come to a chain: the plan of a deployment, and the text of the file it leaves.

Pure: brownie and the market each carry the plan out with their own means and read and write the file.
"""

from dataclasses import dataclass

import rlp  # type: ignore[import-untyped]
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak
from pydantic import ValidationError

from suanli.protocol.abi import ContractName
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

MAXIMUM_FEE_BASIS_POINTS = 1000
MAXIMUM_WAIT_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True, slots=True)
class DeploymentParameters:
    """What a deployment may choose; the contracts keep it for good. `token` None makes a TestToken."""

    fee_recipient: Address
    fee_basis_points: int = 100
    minimum_stake: int = 10_000_000
    thaw_seconds: int = 24 * 3600
    unbonding_seconds: int = 7 * 24 * 3600
    token: Address | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.fee_basis_points <= MAXIMUM_FEE_BASIS_POINTS:
            raise ProtocolError(Reason.SETTINGS_INVALID, "the fee is 0 to 1000 basis points")
        if not all(0 <= wait <= MAXIMUM_WAIT_SECONDS for wait in (self.thaw_seconds, self.unbonding_seconds)):
            raise ProtocolError(Reason.SETTINGS_INVALID, "thaw and unbonding take 0 seconds to 90 days")
        if not 0 <= self.minimum_stake < 1 << 88:
            raise ProtocolError(Reason.SETTINGS_INVALID, "the minimum stake does not fit uint88")


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """One creation: the contract's name, its constructor's arguments in order, the address it will have."""

    name: ContractName
    arguments: tuple[Address | int, ...]
    address: Address


def plan(deployer: Address, nonce: int, parameters: DeploymentParameters) -> list[PlannedContract]:
    """The creations, in order, that `deployer` sends with its transactions `nonce`, `nonce + 1`, …

    The contracts name each other by foretold addresses, so no other transaction may come between them.
    """
    tokens = [] if parameters.token else [PlannedContract("TestToken", (), create_address(deployer, nonce))]
    token = parameters.token or tokens[0].address
    first = nonce + len(tokens)
    ledger, registry, settlement = (create_address(deployer, first + place) for place in range(3))
    return [
        *tokens,
        PlannedContract("Ledger", (token, registry, settlement, parameters.thaw_seconds), ledger),
        PlannedContract(
            "GridRegistry",
            (ledger, settlement, parameters.minimum_stake, parameters.unbonding_seconds),
            registry,
        ),
        PlannedContract(
            "Settlement",
            (ledger, registry, parameters.fee_recipient, parameters.fee_basis_points),
            settlement,
        ),
    ]


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
