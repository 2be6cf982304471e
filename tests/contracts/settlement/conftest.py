"""Batches for the settlement tests."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from eth_utils.crypto import keccak

from suanli.protocol.netting import Batch, NettingTask, pack
from tests.contracts.signing import batch_signatures


def receipt_id(number: int) -> str:
    return "0x" + keccak(text=f"receipt {number}").hex()


@pytest.fixture
def batch_of(carol, dave, daves_node) -> Callable[..., Batch]:
    """A batch of (buyer, node, amount) rows, each with a serial of its own.

    Dave's node pays dave and any other carol, unless `payees` says otherwise.
    """
    serials = count()

    def _batch_of(*rows: tuple[Any, Any, int], epoch: int = 1, payees: Any = None) -> Batch:
        tasks = (
            NettingTask(buyer.address, node.address, amount, receipt_id(number), next(serials))
            for number, (buyer, node, amount) in enumerate(rows)
        )
        owners = {node.address: carol.address for _, node, _ in rows} | {daves_node.address: dave.address}
        return Batch(epoch, tuple(tasks), owners | (payees or {}))

    return _batch_of


@pytest.fixture
def batch(batch_of, alice, bob, carols_node, daves_node) -> Batch:
    """Two buyers, two nodes, four tasks whose fees do not come out even."""
    return batch_of(
        (alice, carols_node, 10_050),
        (bob, daves_node, 199),
        (alice, daves_node, 333),
        (bob, carols_node, 77_777),
    )


@pytest.fixture
def everyone(alice, bob, carols_node, daves_node) -> dict[str, Any]:
    """Each party signs for itself."""
    return {person.address: person for person in (alice, bob, carols_node, daves_node)}


@pytest.fixture
def settle(suanli, everyone) -> Callable[..., Any]:
    """Relays a batch; `signers` overrides who signs for a party."""

    def _settle(batch: Batch, **options: Any) -> Any:
        signers = everyone | options.get("signers", {})
        signatures = batch_signatures(batch, options.get("domain", suanli.domain), signers)
        return suanli.settlement.settleBatch(
            options.get("packed", pack(batch)), signatures, {"from": suanli.relayer}
        )

    return _settle
