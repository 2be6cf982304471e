"""Calldata that a contract made itself is read from the transaction's trace, or named as unreadable."""

from collections.abc import Iterator
from typing import Any

import pytest
from web3 import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

from suanli.audit.case import Case
from suanli.audit.chain import Chain
from suanli.audit.finding import Finding
from suanli.audit.invariants import invariants
from suanli.audit.replay import replay
from suanli.audit.stores import FolderStore
from suanli.audit.trace import trace
from suanli.protocol.reasons import Reason
from tests.integration.anvil import Anvil
from tests.integration.audit_world import World, task_of
from tests.integration.test_audit_trace import audit, failed

KINDS = ["batch", "statement", "rows"]


class Untraced(HTTPProvider):
    """An RPC that does not trace transactions, as most public ones."""

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if method.startswith("debug_"):
            return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "method not found"}}
        return super().make_request(method, params)


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("relayed")
    anvil = Anvil(folder)
    anvil.start()
    try:
        world = World(anvil, folder)
        world.endow(world.cast.buyer)
        world.endow(world.cast.owner)
        world.connect()
        yield world
    finally:
        anvil.kill()


@pytest.fixture
def world(module_world: World) -> Iterator[World]:
    with module_world.undone():
        yield module_world


def untraced(world: World) -> Chain:
    chain = Chain(world.anvil.rpc_url, world.deployment)
    chain.web3.provider = Untraced(world.anvil.rpc_url)
    return chain


def everything(chain: Chain) -> Finding:
    return invariants(chain, lambda what, done, total: None)


def settle_by_contract(world: World, kind: str) -> str:
    """One payment in a transaction whose own input is empty."""
    bundles = world.work(kind, tasks=2)
    if kind == "batch":
        return world.relayed("Settlement", "settleBatch", *world.signed_batch(1, *map(task_of, bundles)))
    if kind == "rows":
        return world.relayed("Settlement", "settleStatements", world.packed_rows(*([one] for one in bundles)))
    return world.relayed("Settlement", "settleStatement", *world.signed_statement(bundles))


@pytest.mark.parametrize("kind", KINDS)
def test_a_settlement_whose_calldata_a_contract_made_verifies_by_its_trace(world: World, kind: str) -> None:
    transaction = settle_by_contract(world, kind)
    assert world.web3.eth.get_transaction(transaction)["input"] == b""  # type: ignore[arg-type]
    assert failed(audit(world, transaction)) == set()
    assert everything(Chain(world.anvil.rpc_url, world.deployment)).passed


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_trace_it_is_named_as_unreadable(world: World, kind: str) -> None:
    transaction = settle_by_contract(world, kind)
    chain = untraced(world)
    (unread,) = [one for one in everything(chain).failed() if one.name == "calldata"]
    assert unread.reason is Reason.EVIDENCE_MISSING
    assert transaction in unread.detail
    assert "cannot be read" in unread.detail
    case = Case(chain, replay(chain, lambda what, done, total: None), FolderStore(world.evidence))
    assert "calldata" in failed(trace(case, transaction))


def test_all_else_is_audited_beside_what_cannot_be_read(world: World) -> None:
    settle_by_contract(world, "batch")
    (bundle,) = world.work("later", tasks=1)
    assert failed_of(untraced(world), world.settle(2, task_of(bundle)), world) == set()


def failed_of(chain: Chain, thing: str, world: World) -> set[str]:
    """What is wrong with one thing by an RPC that does not trace."""
    case = Case(chain, replay(chain, lambda what, done, total: None), FolderStore(world.evidence))
    return failed(trace(case, thing))
