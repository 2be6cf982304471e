"""What people type and what they read."""

import pytest

from suanli.direct.quantities import label_text, quality_rule, seconds
from suanli.direct.screen import duration, moment
from suanli.protocol.errors import ClientError
from suanli.protocol.wire.accounts import Deployment

PARTS = ("ledger", "registry", "settlement", "bidding", "anchors", "court", "authority", "token", "operator")
PLACE = Deployment.model_validate(
    dict.fromkeys(PARTS, "0x" + "11" * 20)
    | {
        "chain_id": 1,
        "token_symbol": "TSC",
        "token_decimals": 6,
        "fee_basis_points": 0,
        "thaw_seconds": 0,
        "first_block": 0,
    }
)


def test_durations_are_read_and_written() -> None:
    assert [seconds("--x", text) for text in ("90s", "2h", "1d12h", "1m40s")] == [90, 7200, 129_600, 100]
    assert [duration(number) for number in (0, 59, 3_600, 90_061)] == ["0 s", "59 s", "1 h", "1 d 1 h"]
    for text in ("", "5", "h", "1.5h", "-1h", "١h"):
        with pytest.raises(ClientError, match="--x"):
            seconds("--x", text)


def test_moments_are_absolute_and_relative_and_never_fail() -> None:
    assert moment(5, 5) == moment(4, 5) == "now"
    assert moment(1_795_528_432, 1_795_528_372) == "2026-11-24 13:53:52 UTC, in 1 min"
    assert moment((1 << 64) - 1, 0).startswith(str((1 << 64) - 1))


def test_a_quality_has_a_label_a_most_and_a_weight_in_tokens() -> None:
    rule = quality_rule("hours:10:0.05", PLACE)
    assert (label_text(rule.label), rule.maximum, rule.weight) == ("hours", 10, 50_000)
    for text in ("hours", "hours:10", "hours:x:1", ":1:1", "hours:1:0.0000001", "é:1:1"):
        with pytest.raises(ClientError, match="--quality"):
            quality_rule(text, PLACE)
