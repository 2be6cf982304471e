"""`suanli audit` and `suanli id` as a person runs them: what they print, and their exit codes."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner, Result

from suanli.audit.cli import audit_app
from suanli.identify import id_app
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.identifiers import UrnKind, make_urn
from tests.integration.anvil import CHAIN_ID, Anvil
from tests.integration.audit_world import World, task_of


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One paid job of two tasks."""
    folder = tmp_path_factory.mktemp("cli")
    anvil = Anvil(folder)
    anvil.start()
    try:
        world = World(anvil, folder)
        world.endow(world.cast.buyer)
        world.endow(world.cast.owner)
        world.connect()
        world.settle(1, *map(task_of, world.work("sweep", tasks=2)))
        yield world
    finally:
        anvil.kill()


def run(world: World, *arguments: str, evidence: bool = True) -> Result:
    options = ["--deployment", str(world.deployment_file)]
    options += ["--evidence", str(world.evidence)] if evidence else []
    return CliRunner().invoke(audit_app, [*arguments, *options])


def kept(world: World) -> list[EvidenceBundle]:
    return [EvidenceBundle.parse(path.read_bytes()) for path in sorted(world.evidence.glob("0x*.json"))]


def test_tracing_a_sound_job_ends_with_0_and_shows_the_verdict(world: World) -> None:
    result = run(world, "trace", kept(world)[0].order.message.id())
    assert result.exit_code == 0
    assert "VERIFIED" in result.stdout
    assert "buyer paid" in result.stdout
    assert all(bundle.receipt.message.id() in result.stdout for bundle in kept(world))
    assert result.stderr == ""


def test_json_holds_the_verdict_and_every_check(world: World) -> None:
    result = run(world, "trace", kept(world)[0].receipt.message.id(), "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["passed"], found["kind"]) == (0, True, "receipt")
    assert {"amount_paid", "charge"} <= {one["name"] for one in found["checks"]}


def test_a_failed_check_ends_with_1_and_is_named(world: World) -> None:
    result = run(world, "trace", kept(world)[0].receipt.message.id(), evidence=False)
    assert result.exit_code == 1
    assert "EVIDENCE_MISSING" in result.stdout
    assert "FAILED" in result.stdout


def test_invariants_end_with_0(world: World) -> None:
    result = run(world, "invariants", evidence=False)
    assert result.exit_code == 0
    assert "VERIFIED" in result.stdout


def test_missing_options_are_wrong_usage(world: World) -> None:
    result = CliRunner().invoke(audit_app, ["invariants"], env={"SUANLI_MARKET": ""})
    assert result.exit_code == 2
    assert "SETTINGS_INVALID" in result.stderr
    assert "--deployment" in result.stderr


def test_an_unknown_id_says_what_to_do_next(world: World) -> None:
    result = run(world, "trace", "0x" + "ab" * 32)
    assert result.exit_code == 1
    assert "NOT_FOUND" in result.stderr
    assert "--evidence" in result.stderr


def test_a_bundle_is_saved_as_a_folder_of_evidence_can_hold_it(world: World, tmp_path: Path) -> None:
    receipt = kept(world)[0].receipt.message.id()
    target = tmp_path / f"{receipt}.json"
    place = ["--evidence", str(world.evidence), "-o", str(target)]
    result = CliRunner().invoke(audit_app, ["bundle", receipt, *place])
    assert result.exit_code == 0
    assert target.read_bytes() == (world.evidence / target.name).read_bytes()


def test_a_urn_is_resolved_and_checked(world: World) -> None:
    options = ["--deployment", str(world.deployment_file)]
    urn = make_urn(CHAIN_ID, UrnKind.NODE, world.cast.node.address)
    result = CliRunner().invoke(id_app, [str(urn), *options])
    assert result.exit_code == 0
    assert world.cast.owner.address in result.stdout


def test_what_is_no_urn_is_wrong_usage(world: World) -> None:
    result = CliRunner().invoke(
        id_app, ["urn:suanli:1:planet:0x00", "--deployment", str(world.deployment_file)]
    )
    assert result.exit_code == 2
    assert "URN_UNKNOWN" in result.stderr


class Market(BaseHTTPRequestHandler):
    """Publishes the folder's evidence, the deployment and one list of receipts, as a market would.

    Asks everyone who comes for something the first time to wait.
    """

    asked: ClassVar[set[str]] = set()

    def __init__(self, world: World, *arguments: object) -> None:
        self.world = world
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path.startswith("/v1/evidence") and self.path not in self.asked:
            self.asked.add(self.path)
            self.send_response(429)
            self.send_header("Retry-After", "0")
            self.end_headers()
            return
        body = self._body(self.path.removeprefix("/v1/"))
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *arguments: object) -> None:
        """Stays silent."""

    def _body(self, path: str) -> bytes | None:
        if path == "deployment":
            return self.world.deployment_file.read_bytes()
        if path.startswith("evidence?"):
            ids = [bundle.receipt.message.id() for bundle in kept(self.world)]
            after = "&after=" in path
            page = {"items": ids[1:], "next": None} if after else {"items": ids[:1], "next": "1"}
            return json.dumps(page).encode()
        file = self.world.evidence / (path.removeprefix("evidence/") + ".json")
        return file.read_bytes() if file.is_file() else None


@pytest.fixture(scope="module")
def market(world: World) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Market, world))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_busy_market_may_serve_as_untrusted_store(world: World, market: str) -> None:
    result = CliRunner().invoke(audit_app, ["trace", kept(world)[0].order.message.id(), "--market", market])
    assert result.exit_code == 0
    assert "VERIFIED" in result.stdout


def test_a_market_that_does_not_answer_is_named(world: World) -> None:
    result = run(world, "trace", "0x" + "ab" * 32, "--evidence", "http://127.0.0.1:9", evidence=False)
    assert result.exit_code == 1
    assert "MARKET_UNREACHABLE" in result.stderr
