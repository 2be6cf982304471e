from suanli.client.hints import HINTS, hint_for
from suanli.protocol.reasons import Reason

NODES_ONLY = {
    Reason.URN_UNKNOWN,
    Reason.ASK_EXPIRED,
    Reason.NODE_NOT_CONNECTED,
    Reason.NODE_SILENT,
    Reason.SELF_DEALING,
    Reason.ALREADY_TRIED,
    Reason.RUNNER_CRASHED,
    Reason.NODE_DRAINING,
    Reason.DISK_FULL,
    Reason.NOT_FUNDED,
    Reason.LEASE_EXPIRED,
    Reason.LEASE_FENCED,
    Reason.JOB_CANCELLED,
    Reason.PARTY_SILENT,
}
"""What a buyer can do nothing about."""


def test_every_reason_that_a_buyer_can_act_on_has_its_hint() -> None:
    assert set(Reason) - NODES_ONLY <= set(HINTS)


def test_a_reason_without_a_way_out_has_no_hint() -> None:
    assert hint_for(Reason.NODE_SILENT) is None
