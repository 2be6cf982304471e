"""One failed check anywhere fails the whole audit, in the verdict, the tree and the JSON."""

from rich.console import Console

from suanli.audit.finding import Finding
from suanli.audit.render import as_tree, verdict
from suanli.protocol.checks import check
from suanli.protocol.reasons import Reason

GOOD = check("charge", True, "12 atoms")
BAD = check("amount_paid", False, "paid 2, receipt 1", Reason.CHARGE_WRONG)


def tree(leaf: Finding) -> Finding:
    return Finding(
        "batch", "0xb", {"volume": 1_250_000}, (GOOD, GOOD), (Finding("receipt", "0xa", {}, (), (leaf,)),)
    )


def shown(finding: Finding) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(as_tree(finding, "TSC", 6), verdict(finding))
    return capture.get()


def test_a_failed_check_deep_down_fails_the_whole() -> None:
    finding = tree(Finding("lease", "0x1", {}, (GOOD, BAD)))
    assert not finding.passed
    assert finding.failed() == [BAD]
    assert not finding.to_json()["passed"]
    assert "FAILED 1 of 4" in shown(finding)
    assert "amount_paid CHARGE_WRONG: paid 2, receipt 1" in shown(finding)


def test_sound_findings_pass_and_show_money_in_whole_tokens() -> None:
    finding = tree(Finding("lease", "0x1", {}, (GOOD,)))
    assert finding.passed
    assert "VERIFIED 3 checks held" in shown(finding)
    assert "volume 1.25 TSC" in shown(finding)
    assert "charge ×2" in shown(finding)


def test_json_shows_amounts_in_digits() -> None:
    assert tree(Finding("lease", "0x1")).to_json()["facts"] == {"volume": "1250000"}
