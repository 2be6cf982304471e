"""The people and the deployment of the contract tests. Each test starts from the same chain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import brownie
import pytest
from brownie import accounts, chain, project
from eth_utils.crypto import keccak

from suanli.protocol.deployment import DeploymentParameters, plan
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import Delegation, NodeTerms, Statement
from suanli.protocol.serials import marks_hash, marks_of
from tests.contracts.signing import NEVER, signed, values

FEE_BASIS_POINTS = 100
STAKE = 10_000_000
FUNDS = 1_000_000_000
THAW_SECONDS = 24 * 3600
UNBONDING_SECONDS = 7 * 24 * 3600
MODULE_DELAY_SECONDS = 14 * 24 * 3600
CLAIM_GRACE_SECONDS = 6 * 24 * 3600
GOVERNOR_DELAY_SECONDS = 2 * 24 * 3600
OPERATOR_BOND = 50_000_000
BENCHMARK = "0x" + "be" * 32


@dataclass(frozen=True, slots=True)
class Suanli:
    """The contracts and what the tests do with them all the time."""

    token: Any
    ledger: Any
    registry: Any
    settlement: Any
    authority: Any
    bidding: Any
    anchors: Any
    court: Any
    domain: Domain
    relayer: Any

    def fund(self, account: Any, amount: int = FUNDS) -> None:
        """Give `account` a Ledger balance."""
        self.token.faucet(self.relayer, amount, {"from": self.relayer})
        self.ledger.deposit(account, amount, {"from": self.relayer})

    def balance(self, account: Any) -> int:
        """The Ledger balance of `account`."""
        return int(self.ledger.accountOf(account)[0])

    def epoch(self, account: Any) -> int:
        """The last netting epoch of `account`."""
        return int(self.ledger.accountOf(account)[1])

    def thawing(self, account: Any) -> tuple[int, int]:
        """The amount that `account` thaws and when it is ready."""
        amount, ready_at = self.ledger.thawingOf(account)
        return int(amount), int(ready_at)

    def stake(self, node: Any) -> tuple[int, int, int]:
        """The node's stake: all of it, the locked part, the free part."""
        total, locked, free = self.registry.stakeOf(node)
        return int(total), int(locked), int(free)

    def terms(self, node: Any, owner: Any, stake: int = STAKE, expiry: int = NEVER) -> NodeTerms:
        """The terms that connect `node` for `owner`."""
        return NodeTerms(
            node=node.address, owner=owner.address, benchmark=BENCHMARK, stake=stake, expiry=expiry
        )

    def connect(self, node: Any, owner: Any) -> Any:
        """Connect `node`, both signing and the relayer sending."""
        terms = self.terms(node, owner)
        return self.registry.connect(
            values(terms), self.signed(owner, terms), self.signed(node, terms), {"from": self.relayer}
        )

    def delegate(
        self, account: Any, delegate: Any, cap: int = FUNDS, expiry: int = NEVER, nonce: int = 1
    ) -> None:
        """Let `delegate` sign for `account`."""
        delegation = Delegation(
            account=account.address, delegate=delegate.address, cap=cap, expiry=expiry, nonce=nonce
        )
        self.registry.delegateBySignature(
            values(delegation), self.signed(account, delegation), {"from": self.relayer}
        )

    def statement(
        self, buyer: Any, node: Any, amount: int, serials: Sequence[int] = (0,), payee: Any = None
    ) -> Statement:
        """A statement of `amount` atoms for the leases `serials`, paid to `payee` or the node's owner."""
        return Statement(
            buyer=buyer.address,
            node=node.address,
            payee=payee.address if payee else str(self.registry.ownerOf(node)),
            amount=amount,
            receipts=len(serials),
            receiptsRoot="0x" + keccak(text=f"root {amount}").hex(),
            marks=marks_hash(marks_of(serials)),
        )

    def settle_statement(
        self, buyer: Any, node: Any, amount: int, serials: Sequence[int] = (0,), signer: Any = None
    ) -> Any:
        """Land a statement, signed for the buyer by `signer` or the buyer, sent by the relayer."""
        statement = self.statement(buyer, node, amount, serials)
        signatures = self.signed(signer or buyer, statement), self.signed(node, statement)
        return self.settlement.settleStatement(
            values(statement), marks_of(serials), *signatures, {"from": self.relayer}
        )

    def signed(self, account: Any, message: Any) -> bytes:
        """The signature of `message` in this deployment's domain."""
        return signed(account, self.domain, message)


def _person(name: str) -> Any:
    person = accounts.add(keccak(text=name))
    brownie.web3.provider.make_request("anvil_setBalance", [person.address, hex(10**20)])
    return person


@pytest.fixture(scope="session")
def contracts() -> Any:
    """The compiled project."""
    return project.get_loaded_projects()[0]


@pytest.fixture(scope="session")
def relayer() -> Any:
    """Sends what others signed, deploys, and has no rights."""
    return accounts[0]


@pytest.fixture(scope="session")
def alice() -> Any:
    """A buyer."""
    return _person("alice")


@pytest.fixture(scope="session")
def bob() -> Any:
    """Another buyer."""
    return _person("bob")


@pytest.fixture(scope="session")
def carol() -> Any:
    """An owner of nodes."""
    return _person("carol")


@pytest.fixture(scope="session")
def dave() -> Any:
    """Another owner of nodes."""
    return _person("dave")


@pytest.fixture(scope="session")
def carols_node() -> Any:
    """The key on carol's machine."""
    return _person("carol's node")


@pytest.fixture(scope="session")
def daves_node() -> Any:
    """The key on dave's machine."""
    return _person("dave's node")


@pytest.fixture(scope="session")
def operator() -> Any:
    """A key that buyers may name as their delegate."""
    return _person("operator")


@pytest.fixture(scope="session")
def mallory() -> Any:
    """Has no part in anything and tries."""
    return _person("mallory")


@pytest.fixture(scope="session")
def treasury() -> Any:
    """Receives the fee."""
    return _person("treasury")


@pytest.fixture(scope="session")
def governor() -> Any:
    """Lets new business go on and announces modules, after a delay."""
    return _person("governor")


@pytest.fixture(scope="session")
def pauser() -> Any:
    """Stops new business."""
    return _person("pauser")


@pytest.fixture(scope="session")
def impersonate() -> Callable[[str], dict[str, Any]]:
    """Sends as any address, a contract's too, which only a test chain can: a call's last argument."""

    def _impersonate(address: Any) -> dict[str, Any]:
        text = str(getattr(address, "address", address))
        for method, rest in (("anvil_impersonateAccount", []), ("anvil_setBalance", [hex(10**20)])):
            brownie.web3.provider.make_request(method, [text, *rest])
        return {"from": accounts.at(text, force=True)}

    return _impersonate


@pytest.fixture(scope="session")
def deploy(contracts: Any, relayer: Any, treasury: Any, governor: Any, pauser: Any) -> Callable[..., Suanli]:
    """Deploys by the protocol's plan; keywords change parameters, `token` may be another token's contract."""

    def _deploy(token: Any = None, **changes: Any) -> Suanli:
        chosen = {
            "fee_recipient": treasury.address,
            "fee_basis_points": FEE_BASIS_POINTS,
            "minimum_stake": STAKE,
            "thaw_seconds": THAW_SECONDS,
            "unbonding_seconds": UNBONDING_SECONDS,
            "module_delay_seconds": MODULE_DELAY_SECONDS,
            "claim_grace_seconds": CLAIM_GRACE_SECONDS,
            "governor_delay_seconds": GOVERNOR_DELAY_SECONDS,
            "operator_bond": OPERATOR_BOND,
            "governor": governor.address,
            "pauser": pauser.address,
            "token": token.address if token else None,
        } | changes
        steps = plan(relayer.address, relayer.nonce, DeploymentParameters(**chosen))
        made = {
            step.name: getattr(contracts, step.name).deploy(*step.arguments, {"from": relayer})
            for step in steps
        }
        ledger = made["Ledger"]
        domain = Domain(chain_id=chain.id, ledger=ledger.address)
        token = token or made["TestToken"]
        token.approve(ledger, 2**256 - 1, {"from": relayer})
        return Suanli(
            token,
            ledger,
            made["GridRegistry"],
            made["Settlement"],
            made["Authority"],
            made["Bidding"],
            made["EpochAnchors"],
            made["ClaimCourt"],
            domain,
            relayer,
        )

    return _deploy


@pytest.fixture(scope="session")
def suanli(deploy: Callable[..., Suanli]) -> Suanli:
    """One deployment for all tests; `isolation` takes back what each test did to it."""
    return deploy()


@pytest.fixture(scope="session")
def market_day(
    suanli: Suanli, alice: Any, bob: Any, carol: Any, dave: Any, carols_node: Any, daves_node: Any
) -> Suanli:
    """Everyone has money, carol's and dave's nodes are connected."""
    for account in (alice, bob, carol, dave):
        suanli.fund(account)
    suanli.connect(carols_node, carol)
    suanli.connect(daves_node, dave)
    return suanli


@pytest.fixture(autouse=True)
def isolation(market_day: Suanli) -> Iterator[None]:
    """Takes back whatever a test did, by a snapshot of the chain."""
    chain.snapshot()
    yield
    chain.revert()
