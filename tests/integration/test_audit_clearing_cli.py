"""`suanli audit clearing` as a person runs it on a folder of papers: what it prints, and its exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from suanli.audit.cli import audit_app
from suanli.protocol.wire.accounts import Deployment
from tests.unit.audit.clearing.books import address, random_book
from tests.unit.audit.clearing.epochs import (
    DOMAIN,
    EPOCH,
    OPERATOR,
    Epoch,
    Shelf,
    cleared_epoch,
    own_challenge,
)

DEPLOYMENT = Deployment(
    chain_id=DOMAIN.chain_id,
    ledger=DOMAIN.ledger,
    registry=address(2),
    settlement=address(3),
    authority=address(4),
    bidding=address(5),
    anchors=address(6),
    court=address(7),
    token=address(8),
    token_symbol="TEST",
    token_decimals=6,
    fee_basis_points=100,
    thaw_seconds=60,
    operator=OPERATOR.address,
    first_block=0,
)


@pytest.fixture(scope="module")
def epoch() -> Epoch:
    """A clearing with several matches."""
    epochs = (cleared_epoch(random_book(seed, nodes=10, orders=5, doubles=False)) for seed in range(200))
    return next(one for one in epochs if len(one.leases) > 3 and one.certificate.welfare)


@pytest.fixture
def folder(tmp_path: Path, epoch: Epoch) -> Path:
    """Everything that a market publishes of it."""
    shelf = Shelf()
    epoch.publish(shelf)
    for name, data in shelf.documents.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / f"anchor-{EPOCH}.json").write_bytes(shelf.anchors[EPOCH])
    (tmp_path / "deployment.json").write_text(DEPLOYMENT.model_dump_json())
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    places = ["--evidence", str(folder), "--deployment", str(folder / "deployment.json")]
    return CliRunner().invoke(audit_app, ["clearing", *arguments, *places])


def test_sound_clearing_ends_with_0_and_shows_its_gap(folder: Path, epoch: Epoch) -> None:
    result = run(folder, str(EPOCH))
    assert result.exit_code == 0, result.output
    assert "VERIFIED" in result.stdout
    assert str(epoch.certificate.bound) in result.stdout
    assert "all pairs" in result.stdout


def test_sample_says_by_which_seed_it_was_drawn(folder: Path) -> None:
    result = run(folder, str(EPOCH), "--sample", "--seed", "77", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["passed"]
    certificate = next(one for one in found["below"] if one["kind"] == "certificate")
    assert certificate["facts"]["seed of the sample"] == "77"
    assert "bound_sampled" in {one["name"] for one in certificate["checks"]}


def test_altered_certificate_ends_with_1_and_names_what_is_wrong(folder: Path, epoch: Epoch) -> None:
    path = folder / epoch.certificate.content_hash()
    lie = epoch.certificate.model_copy(update={"welfare": epoch.certificate.welfare - 1})
    path.write_bytes(lie.canonical())
    result = run(folder, str(EPOCH))
    assert result.exit_code == 1
    assert "HASH_MISMATCH" in result.output
    path.unlink()
    assert "EVIDENCE_MISSING" in run(folder, str(EPOCH)).output
    assert run(folder, str(EPOCH + 1)).exit_code == 1


def test_allocation_that_is_no_better_ends_with_1(folder: Path, epoch: Epoch) -> None:
    own = own_challenge(epoch)
    proposal = folder / "mine.json"
    proposal.write_bytes(own.canonical())
    result = run(folder, str(EPOCH), "--better", str(proposal))
    assert result.exit_code == 1
    assert "CHALLENGE_NOT_BETTER" in result.stdout
    proposal.write_text("{}")
    assert "DOCUMENT_MALFORMED" in run(folder, str(EPOCH), "--better", str(proposal)).output
    missing = run(folder, str(EPOCH), "--better", str(folder / "nothing.json"))
    assert missing.exit_code == 2
