"""An auditor with an RPC and a folder verifies honest payments and names what is wrong with others."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.session import Sources
from suanli.audit.trace import trace
from suanli.protocol import statement_batches
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import AuditError, SuanliError
from suanli.protocol.identifiers import UrnKind, make_urn
from suanli.protocol.reasons import Reason
from suanli.protocol.units import fee_rounded_down
from tests.integration.anvil import CHAIN_ID, Anvil
from tests.integration.audit_tamperings import TAMPERINGS, Spoil
from tests.integration.audit_world import World, task_of
from tests.unit.protocol.bundles import Cast, job
from tests.unit.protocol.strategies import KEYS

STRANGER = KEYS[4]
OTHER_SERIAL = 999
"""One that no lease in these tests has."""


def audit(world: World, thing: str, **sources: Any) -> Finding:
    """What `suanli audit trace` finds."""
    return trace(open_case(world, **sources), thing)


def open_case(world: World, **sources: Any) -> Case:
    places = {"deployment": world.deployment_file, "evidence": str(world.evidence)} | sources
    return Sources(**places).open_case(lambda what, done, total: None)


def failed(finding: Finding) -> set[str]:
    return {one.name for one in finding.failed()}


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("audit")
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
    """Buyer and owner have money and the node is connected; nothing has been paid."""
    with module_world.undone():
        yield module_world


def test_a_payment_unfolds_from_its_transaction_to_the_benchmark(world: World) -> None:
    bundles = world.work("sweep", tasks=3)
    transaction = world.settle(1, *map(task_of, bundles))
    finding = audit(world, transaction)
    assert failed(finding) == set()
    path = ["transaction", "batch", "receipt", "lease", "ask", "node", "benchmark"]
    assert path_of(finding, path) == "0x" + "be" * 32


def path_of(finding: Finding, kinds: list[str]) -> str:
    """The id at the end of a way down the tree, by kinds."""
    assert finding.kind == kinds[0]
    if len(kinds) == 1:
        return finding.id
    return path_of(next(below for below in finding.below if below.kind == kinds[1]), kinds[1:])


def test_a_job_unfolds_to_its_transactions_and_its_sums_add_up(world: World) -> None:
    bundles = world.work("sweep", tasks=3)
    first = world.settle(1, *map(task_of, bundles[:2]))
    second = world.settle(2, task_of(bundles[2]))
    finding = audit(world, bundles[0].order.message.id())
    amounts = [bundle.receipt.message.amount for bundle in bundles]
    fee = sum(fee_rounded_down(amount, 250) for amount in amounts)
    assert failed(finding) == set()
    assert (finding.facts["buyer paid"], finding.facts["fee"]) == (sum(amounts), fee)
    assert finding.facts["providers got"] == sum(amounts) - fee
    assert finding.facts["transactions"] == f"{first}, {second}"
    assert len([below for below in finding.below if below.kind == "receipt"]) == 3


def test_every_kind_of_id_leads_to_the_same_payment(world: World) -> None:
    (bundle,) = world.work("one", tasks=1)
    transaction = world.settle(1, task_of(bundle))
    lease, order = bundle.lease.message, bundle.order.message
    urns = [
        make_urn(CHAIN_ID, UrnKind.TASK, order.id(), 0),
        make_urn(CHAIN_ID, UrnKind.JOB, order.id()),
        make_urn(CHAIN_ID, UrnKind.NODE, lease.node),
        make_urn(CHAIN_ID, UrnKind.ACCOUNT, order.buyer),
        make_urn(CHAIN_ID, UrnKind.TRANSACTION, transaction),
    ]
    things = [bundle.receipt.message.id(), lease.id(), lease.node, order.buyer, *map(str, urns)]
    case = open_case(world)
    for thing in things:
        finding = trace(case, thing)
        assert failed(finding) == set()
        assert transaction in json.dumps(finding.to_json())


def test_a_delegate_may_sign_the_order_and_the_batch_within_its_cap(world: World) -> None:
    operator = world.cast.operator
    world.delegate(world.cast.buyer, operator.address, cap=10**9)
    (bundle,) = world.work("one", tasks=1)
    bundle = bundle.model_copy(update={"order": world.cast.signed(operator, bundle.order.message)})
    world.keep(bundle)
    transaction = world.settle(1, task_of(bundle), buyer_key=operator)
    finding = audit(world, transaction)
    assert failed(finding) == set()
    assert "by delegate" in next(one.detail for one in finding.all_checks() if one.name == "buyer_consent")


APPROVING = "0x631626ba7e60e01b5f5260205ff3"
"""A contract that answers every call with ERC-1271's yes."""
REFUSING = "0x5f5ffd"
"""A contract that reverts."""


@pytest.mark.parametrize(("code", "wrong"), [(APPROVING, set()), (REFUSING, {"order_signature"})])
def test_a_contract_may_be_the_buyer(world: World, code: str, wrong: set[str]) -> None:
    wallet = Cast(world.domain, buyer=STRANGER)
    world.endow(STRANGER)
    bundle = wallet.bundle(job("one", 1), 0)
    bundle = bundle.model_copy(update={"order": wallet.signed(KEYS[1], bundle.order.message)})
    world.anvil.rpc("anvil_setCode", STRANGER.address, APPROVING)
    transaction = world.settle_statement([bundle], key=KEYS[1])
    world.anvil.mine()
    world.anvil.rpc("anvil_setCode", STRANGER.address, code)
    assert failed(audit(world, transaction)) == wrong


def test_packed_statements_unfold_to_their_receipts(world: World) -> None:
    bundles = world.work("packed", tasks=3)
    transaction = world.settle_rows(bundles[:2], bundles[2:])
    finding = audit(world, transaction)
    assert failed(finding) == set()
    assert [len(one.below) for one in finding.below] == [2, 1]
    batch = statement_batches.batch_hash(world.packed_rows(bundles[:2], bundles[2:]))
    for thing in (batch, world.statement(bundles[:2]).id(), bundles[2].receipt.message.id()):
        assert failed(audit(world, thing)) == set()
    assert audit(world, batch) == finding
    assert audit(world, bundles[0].receipt.message.id()).facts["payment"] == transaction


def test_packed_statements_by_a_delegate_verify(world: World) -> None:
    first, second = world.work("by another", tasks=2)
    world.delegate(world.cast.buyer, KEYS[1].address, cap=10**9)
    assert failed(audit(world, world.settle_rows([first], [second], key=KEYS[1]))) == set()


def test_a_statement_unfolds_to_its_receipts_and_takes_no_fee(world: World) -> None:
    bundles = world.work("sweep", tasks=3)
    world.settle_statement(bundles[:1])
    transaction = world.settle_statement(bundles[1:])
    for thing in (transaction, bundles[2].receipt.message.id(), bundles[0].order.message.id()):
        assert failed(audit(world, thing)) == set()
    second = audit(world, transaction)
    assert [one.id for one in second.below[0].below] == [one.receipt.message.id() for one in bundles[1:]]
    assert audit(world, bundles[0].order.message.id()).facts["fee"] == 0


def test_a_root_batch_unfolds_to_receipts_that_only_the_evidence_lists(world: World) -> None:
    bundles = world.work("sweep", tasks=3)
    transaction = world.settle_root(1, bundles)
    for thing in (transaction, bundles[2].receipt.message.id(), bundles[0].order.message.id()):
        assert failed(audit(world, thing)) == set()
    found = audit(world, transaction)
    assert path_of(found, ["transaction", "root batch", "receipt", "lease", "ask", "node", "benchmark"])


def test_a_receipt_that_is_not_yet_settled_is_verified_and_said_to_be_so(world: World) -> None:
    (bundle,) = world.work("one", tasks=1)
    finding = audit(world, bundle.receipt.message.id())
    assert finding.passed
    assert finding.facts["payment"] == "not settled yet"


def test_a_clearing_document_must_hold_the_match(world: World) -> None:
    (bundle,) = world.work("one", tasks=1)
    lease = bundle.lease.message
    match = {"order": lease.order, "task": 0, "attempt": 0, "node": lease.node, "cap": str(lease.cap)}
    match["ask"] = bundle.ask.message.id()
    for matches, wrong in (([match], set()), ([match | {"attempt": 1}], {"clearing_match"})):
        document = json.dumps({"matches": matches}).encode()
        (world.evidence / content_hash(document)).write_bytes(document)
        world.keep(bundle.model_copy(update={"clearing": content_hash(document)}))
        assert failed(audit(world, bundle.receipt.message.id())) == wrong


@pytest.mark.parametrize("spoil", TAMPERINGS, ids=lambda spoil: spoil.__name__)
def test_each_tampering_is_caught_by_the_check_named_for_it(world: World, spoil: Spoil) -> None:
    (bundle,) = world.work("one", tasks=1)
    transaction = spoil(world, bundle)
    finding = audit(world, transaction)
    assert not finding.passed
    assert failed(finding) == TAMPERINGS[spoil]


def test_a_job_in_which_one_task_was_paid_too_much_fails_in_its_total(world: World) -> None:
    bundles = world.work("sweep", tasks=2)
    extra = bundles[1].receipt.message.amount + 7
    world.settle(1, task_of(bundles[0]), task_of(bundles[1], amount=extra))
    finding = audit(world, bundles[0].order.message.id())
    assert failed(finding) == {"buyer_total", "amount_paid"}


def test_more_paid_copies_of_a_task_than_ordered_are_caught(world: World) -> None:
    spec = job("one", 1)
    first, second = world.cast.bundle(spec, 0), world.cast.bundle(spec, 0, attempt=1, serial=1)
    world.keep(first)
    world.keep(second)
    world.settle(1, task_of(first), task_of(second))
    assert failed(audit(world, first.order.message.id())) == {"copies"}


def test_missing_evidence_is_a_failed_check_and_not_a_pass(world: World) -> None:
    (bundle,) = world.work("one", tasks=1)
    transaction = world.settle(1, task_of(bundle))
    finding = audit(world, transaction, evidence=None)
    assert [one.reason for one in finding.failed()] == [Reason.EVIDENCE_MISSING]


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        ("0x" + "ab" * 32, Reason.NOT_FOUND),
        ("0x" + "ab" * 20, Reason.NOT_FOUND),
        ("urn:suanli:31337:planet:0x00", Reason.URN_UNKNOWN),
        (f"urn:suanli:1:job:0x{'ab' * 32}", Reason.WRONG_CHAIN),
        (f"urn:suanli:31337:data:0x{'ab' * 32}", Reason.EVIDENCE_MISSING),
        ("nonsense", Reason.URN_UNKNOWN),
    ],
)
def test_an_unknown_id_is_refused_with_its_reason(world: World, thing: str, reason: Reason) -> None:
    with pytest.raises(SuanliError) as caught:
        audit(world, thing)
    assert caught.value.reason is reason


def test_an_rpc_of_another_chain_is_refused(world: World) -> None:
    elsewhere = world.deployment.model_copy(update={"chain_id": 1})
    file = world.evidence / "elsewhere.json"
    file.write_text(elsewhere.model_dump_json())
    with pytest.raises(AuditError) as caught:
        open_case(world, deployment=file)
    assert caught.value.reason is Reason.WRONG_CHAIN


class SmallAnswers(BaseHTTPRequestHandler):
    """Passes requests on to a chain, but refuses logs of more than three blocks, as public services do."""

    chain = ""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        if request["method"] == "eth_getLogs" and span(request["params"][0]) > 3:
            error = {"code": -32005, "message": "query returned more than 10000 results"}
            answer = json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode()
        else:
            answer = httpx.post(
                self.chain, content=body, headers={"Content-Type": "application/json"}
            ).content
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        """Stays silent."""


def span(query: dict[str, str]) -> int:
    return int(query["toBlock"], 16) - int(query["fromBlock"], 16) + 1


def test_an_rpc_that_gives_few_logs_at_a_time_is_asked_more_often(world: World) -> None:
    (bundle,) = world.work("one", tasks=1)
    transaction = world.settle(1, task_of(bundle))
    SmallAnswers.chain = world.anvil.rpc_url
    with ThreadingHTTPServer(("127.0.0.1", 0), SmallAnswers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        finding = audit(world, transaction, rpc=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert failed(finding) == set()


def test_an_rpc_that_does_not_answer_is_named(world: World) -> None:
    with pytest.raises(SuanliError) as caught:
        open_case(world, rpc="http://127.0.0.1:9")
    assert caught.value.reason is Reason.CHAIN_UNREACHABLE
