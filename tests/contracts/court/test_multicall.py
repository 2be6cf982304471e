"""ClaimCourt.multicall: steps that go together in one transaction, under the caller's own name."""

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError

from tests.contracts.court.conftest import RESULT, RULES


def test_one_transaction_opens_all_verdicts_and_then_resolves(dispute):
    contract = dispute.court.suanli.court
    dispute.judge(RESULT, RESULT, RESULT)
    dispute.wait(RULES.appeal_seconds + 1)
    receipt = contract.multicall([contract.resolve.encode_input(*dispute.case())], {"from": dispute.juror(0)})
    assert "DisputeResolved" in receipt.events


def test_drawn_panel_is_judged_in_the_same_transaction(dispute, mallory):
    contract = dispute.court.suanli.court
    chain.mine(RULES.seed_delay_blocks + 1)
    draw = contract.draw.encode_input(*dispute.case())
    sealed = contract.commitVerdict.encode_input(dispute.id(), 0, 0, "0x" + "11" * 32)
    with pytest.raises(VirtualMachineError, match="NotJuror"):
        contract.multicall([draw, sealed], {"from": mallory})
    assert dispute.drawn_at() == 0
    for juror in dispute.keys.values():
        try:
            contract.multicall([draw, sealed], {"from": juror})
        except VirtualMachineError:
            continue
        break
    assert dispute.juror(0) == juror
