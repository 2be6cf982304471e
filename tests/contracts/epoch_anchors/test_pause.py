"""EpochAnchors.pause and .unpause: nobody bonds, and nothing else stops."""

from brownie import chain

from tests.contracts.conftest import GOVERNOR_DELAY_SECONDS
from tests.contracts.reverts import reverts


def test_governor_lets_operators_bond_again_after_its_delay(suanli, pauser, governor, bob):
    suanli.anchors.pause({"from": pauser})
    with reverts("EnforcedPause"):
        suanli.anchors.bond({"from": bob})
    suanli.authority.schedule(suanli.anchors, suanli.anchors.unpause.encode_input(), 0, {"from": governor})
    chain.sleep(GOVERNOR_DELAY_SECONDS)
    suanli.anchors.unpause({"from": governor})
    suanli.anchors.bond({"from": bob})
    assert suanli.anchors.operatorOf(bob)[0] == suanli.anchors.operatorBond()


def test_nobody_else_pauses(suanli, mallory, governor):
    for caller in (mallory, governor):
        with reverts("AccessManagedUnauthorized", caller):
            suanli.anchors.pause({"from": caller})
