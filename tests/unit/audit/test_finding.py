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


def test_of_many_alike_the_sound_ones_are_folded_and_the_faulty_shown() -> None:
    receipts = [Finding("receipt", f"0x{at}", {"buyer": "alice"}, (GOOD,)) for at in range(5)]
    receipts[4] = Finding("receipt", "0x4", {"buyer": "mallory"}, (BAD,))
    text = shown(Finding("batch", "0xb", {}, (), tuple(receipts)))
    assert text.count("buyer alice") == 2
    assert "receipt 0x3 1 checks held" in text
    assert "buyer mallory" in text


def test_json_shows_amounts_in_digits() -> None:
    assert tree(Finding("lease", "0x1")).to_json()["facts"] == {"volume": "1250000"}
