"""Whose receipts are claimed, and how verdicts are kept."""

import json
import sqlite3
from pathlib import Path

import pytest

from suanli.direct.papers import Papers, by_order, read_papers
from suanli.direct.verdicts import Verdict, keep, load
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import Usage
from suanli.protocol.reasons import Reason
from tests.unit.protocol.bundles import Cast

CAST = Cast(Domain(chain_id=1, ledger="0x" + "1" * 40))
DISPUTE = "0x" + "dd" * 32
FOUND = Verdict(outcome=0, result=DISPUTE, usage=Usage(fuel=1, memoryFuel=2, ingress=3, egress=4))


def test_receipts_of_a_folder_and_of_the_agents_journal_are_taken_once(tmp_path: Path) -> None:
    bundles = [CAST.bundle(task=task, nonce=nonce) for task, nonce in ((0, 7), (1, 7), (0, 8))]
    (tmp_path / "one.json").write_bytes(bundles[0].canonical())
    journal = sqlite3.connect(tmp_path / "journal.sqlite3")
    journal.execute("CREATE TABLE leases (lease, assignment, receipt, created_at)")
    for at, bundle in enumerate(bundles):
        whole = bundle.model_dump(mode="json")
        assignment = json.dumps({name: whole[name] for name in ("lease", "order", "spec", "proof")})
        journal.execute(
            "INSERT INTO leases VALUES (?, ?, ?, ?)", (at, assignment, json.dumps(whole["receipt"]), at)
        )
    journal.execute("INSERT INTO leases VALUES (9, '{}', NULL, 9)")  # it is still running
    journal.commit()
    papers = read_papers([tmp_path], tmp_path / "journal.sqlite3")
    assert [len(group) for group in by_order(one for one in papers if isinstance(one, Papers)).values()] == [
        2,
        1,
    ]
    assert papers[0].item()[2][4] == bundles[0].receipt.message.amount


def test_a_broken_bundle_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"order": 1}')
    with pytest.raises(ClientError, match=r"bad\.json") as refusal:
        read_papers([tmp_path], None)
    assert refusal.value.reason is Reason.DOCUMENT_MALFORMED


def test_a_sealed_verdict_keeps_its_salt_for_its_owner_only(tmp_path: Path) -> None:
    kept = keep(tmp_path / "verdicts", DISPUTE, 0, 1, FOUND)
    assert load(tmp_path / "verdicts", DISPUTE, 0, 1) == kept
    assert keep(tmp_path / "verdicts", DISPUTE, 0, 1, FOUND) == kept
    (path,) = (tmp_path / "verdicts").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert keep(tmp_path / "verdicts", DISPUTE, 0, 2, FOUND).salt != kept.salt
