"""ClaimCourt.openClaims and .closeClaim with messages, prices and proofs made in Python."""

from typing import Any

import pytest
from brownie import chain

from suanli.protocol.charging import usage_at_limits
from suanli.protocol.court import work_hash
from suanli.protocol.messages import Usage
from tests.contracts.court.conftest import RESULT, USAGE, Court, claim_values

NOTHING = Usage(fuel=0, memoryFuel=0, ingress=0, egress=0)


@pytest.mark.parametrize("task", [0, 1, 2])
def test_provider_is_paid_when_the_buyer_vanishes(court: Court, carol: Any, relayer: Any, task: int) -> None:
    suanli = court.suanli
    before = suanli.balance(carol)
    claim = court.open(task)
    assert claim.work == work_hash(0, RESULT, USAGE)
    assert "0x" + bytes(suanli.court.recordOf(claim.id)).hex() == claim.hash()
    chain.sleep(24 * 3600 + 1)
    suanli.court.closeClaim(claim_values(claim), {"from": relayer})
    assert suanli.balance(carol) == before + claim.amount
    assert suanli.settlement.isPaid(court.node, task)


def test_what_python_charges_the_contract_accepts_at_the_edges(court: Court) -> None:
    most = usage_at_limits(court.order().limits, court.order().limits.inputBytes)
    for task, usage in enumerate((NOTHING, most, Usage(fuel=1, memoryFuel=1, ingress=1, egress=1))):
        court.open(task, usage)
