"""A bonded operator with its promises, leases and anchors; mallory only reports."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError
from eth_utils.crypto import keccak

from suanli.protocol.anchoring import AnchoredClearing, BookLeaf, anchored_clearing
from suanli.protocol.eip712 import Message, Struct
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import Ask, EpochAnchor, InclusionPromise, JobOrder, Lease, Limits, Prices
from tests.contracts.conftest import OPERATOR_BOND, Suanli
from tests.contracts.reverts import reverts as expect_revert
from tests.contracts.signing import NEVER, values

BURNED = "0x000000000000000000000000000000000000dEaD"
EPOCH = 7
URI = "https://market.suanli.example/v1/clearings/1234567/anchor"
MAXIMUM_PRICES = Prices(fuel=2_000_000, memoryFuel=1000, ingress=500, egress=600)
LIMITS = Limits(
    fuel=5_000_000_000, memoryBytes=1 << 28, inputBytes=1 << 24, outputBytes=1 << 22, wallSeconds=60
)
WHOLE_TASK = 11
"""Atoms that a task may cost at the maximum prices when it uses all that the limits allow."""


def some_hash(text: str) -> str:
    """A hash that nobody has seen."""
    return "0x" + keccak(text=text).hex()


def leaf(ids: Sequence[str], index: int) -> tuple[Any, ...]:
    """A leaf of a book, which need not ascend, as a contract call takes it."""
    return (index, ids[index], MerkleTree(ids).proof(index))


def as_tuple(shown: BookLeaf) -> tuple[Any, ...]:
    """A leaf as a contract call takes it."""
    return (shown.index, shown.hash, list(shown.proof))


def book_anchor(ids: Sequence[str], count: int | None = None, epoch: int = EPOCH) -> EpochAnchor:
    """An anchor of any list of orders; `count` is what it says of their number."""
    root = MerkleTree(ids).root() if ids else some_hash("no root")
    honest = honest_clearing(epoch, ()).anchor()
    return honest.model_copy(update={"bookRoot": root, "orders": len(ids) if count is None else count})


def honest_clearing(epoch: int, orders: Sequence[str], leases: Sequence[Lease] = ()) -> AnchoredClearing:
    """What an honest market makes of an epoch."""
    return anchored_clearing(epoch, some_hash("clearing"), some_hash("book"), orders, leases)


def tampered(struct: Struct) -> Iterator[Struct]:
    """The struct with each of its fields, and theirs, changed by the least."""
    for name in type(struct).model_fields:
        value = getattr(struct, name)
        changes = tampered(value) if isinstance(value, Struct) else [_other(value)]
        for changed in changes:
            yield struct.model_copy(update={name: changed})


def _other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1 if value < 255 else value - 1
    digit = "1" if value[-1] != "1" else "2"
    return value[:-1] + digit if len(value) == 66 else "0x" + "00" * 19 + "0" + digit


def reverts(error: str, *shown: Any) -> AbstractContextManager[None]:
    """Expects an error with these values; hashes are 0x-hex, which brownie shows as Python bytes."""
    return expect_revert(error, *(_as_shown(value) for value in shown))


def _as_shown(value: Any) -> Any:
    is_hash = isinstance(value, str) and len(value) == 66
    return str(bytes.fromhex(value[2:])) if is_hash else value


def refusal(call: Callable[[], Any]) -> str:
    """The name of the error that a call is refused with."""
    with pytest.raises(VirtualMachineError) as reverted:
        call()
    return (reverted.value.revert_msg or "").partition(":")[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """The operator's business on chain."""

    suanli: Suanli
    operator: Any
    buyer: Any
    node: Any
    reporter: Any

    @property
    def contract(self) -> Any:
        """EpochAnchors."""
        return self.suanli.anchors

    def bond(self) -> Any:
        """Bond the operator."""
        return self.contract.bond({"from": self.operator})

    def bonded(self) -> int:
        """The operator's bond in atoms."""
        return int(self.contract.operatorOf(self.operator)[0])

    def anchor(self, anchor: EpochAnchor, uri: str = URI) -> Any:
        """Anchor a clearing."""
        return self.contract.anchor(values(anchor), uri, {"from": self.operator})

    def signed(self, message: Message, signer: Any = None) -> bytes:
        """The signature of the operator, or of another."""
        return self.suanli.signed(signer or self.operator, message)

    def leased(self, lease: Lease) -> tuple[Any, bytes]:
        """A lease with the operator's signature, as a contract call takes it."""
        return values(lease), self.signed(lease)

    def order(self, **changes: Any) -> JobOrder:
        """An order of the buyer."""
        fields: dict[str, Any] = {
            "buyer": self.buyer.address,
            "operator": self.operator.address,
            "specRoot": some_hash("specification"),
            "tasks": 5,
            "policy": 0,
            "replicas": 1,
            "budget": 1000,
            "maximumPrices": MAXIMUM_PRICES,
            "limits": LIMITS,
            "deadline": NEVER,
            "nonce": 11,
        }
        return JobOrder.model_validate(fields | changes)

    def ask(self) -> Ask:
        """The node's ask."""
        return Ask(
            node=self.node.address,
            prices=Prices(fuel=1_500_000, memoryFuel=1000, ingress=400, egress=600),
            minimumCharge=3,
            slots=4,
            limits=LIMITS,
            offering=some_hash("offering"),
            expiry=NEVER,
            nonce=1,
        )

    def lease(self, order: JobOrder | None = None, **changes: Any) -> Lease:
        """What an honest operator leases of an order under the node's ask."""
        order, ask = order or self.order(), self.ask()
        fields: dict[str, Any] = {
            "order": order.id(),
            "task": order.tasks - 1,
            "attempt": 0,
            "spec": some_hash("task"),
            "ask": ask.id(),
            "epoch": EPOCH,
            "serial": 9,
            "node": ask.node,
            "prices": ask.prices,
            "minimumCharge": ask.minimumCharge,
            "cap": WHOLE_TASK,
            "deadline": order.deadline,
        }
        return Lease.model_validate(fields | changes)

    def promise(self, order: JobOrder | None = None, **changes: Any) -> InclusionPromise:
        """The promise that the order is in the book of the epoch, received now."""
        fields = {"order": (order or self.order()).id(), "epoch": EPOCH, "receivedAt": chain.time()}
        return InclusionPromise.model_validate(fields | changes)

    def check_slashed(self, receipt: Any, reason: int, harmed: Any = None) -> None:
        """The whole bond has gone: half burned, the rest to the reporter and whom the fault harmed."""
        shared = OPERATOR_BOND // 2
        to_harmed = shared // 2 if harmed else 0
        assert dict(receipt.events["BondSlashed"]) == {
            "operator": self.operator,
            "reason": reason,
            "reporter": self.reporter,
            "harmed": harmed or "0x" + "0" * 40,
            "reporterAmount": shared - to_harmed,
            "harmedAmount": to_harmed,
            "burnedAmount": OPERATOR_BOND - shared,
        }
        assert self.bonded() == 0
        assert self.suanli.balance(self.contract) == 0
        assert self.suanli.balance(BURNED) == OPERATOR_BOND - shared
        assert self.suanli.balance(self.reporter) == shared - to_harmed


@pytest.fixture
def operation(suanli: Suanli, operator: Any, alice: Any, carols_node: Any, mallory: Any) -> Operation:
    """The operator has three bonds' worth and has bonded one."""
    suanli.fund(operator, 3 * OPERATOR_BOND)
    operation = Operation(suanli, operator, alice, carols_node, mallory)
    operation.bond()
    return operation
