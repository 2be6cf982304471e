import pytest

from market.api.errors import DECLINED, STATUS, status_of
from suanli.protocol.reasons import Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_an_error_status(reason: Reason) -> None:
    assert 400 <= status_of(reason) < 600


def test_only_what_is_not_declined_by_a_rule_is_listed() -> None:
    assert DECLINED not in STATUS.values()
    assert status_of(Reason.BUDGET_TOO_SMALL) == 422
    assert status_of(Reason.LEASE_FENCED) == 409
