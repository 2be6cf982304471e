"""ClaimCourt.rearm: a new block is named only when the old one's hash is out of reach."""

import brownie
from brownie import chain

from tests.contracts.court.conftest import RULES
from tests.contracts.reverts import reverts

HASHES = "0x0000F90827F1C53a10cb7A02335B175320002935"
"""EIP-2935's contract: without it a chain keeps 256 hashes."""


def test_block_to_come_is_not_named_anew(dispute):
    named = dispute.challenge.block_number + RULES.seed_delay_blocks
    with reverts("SeedNotReady", named):
        dispute.call(dispute.court.suanli.court.rearm)


def test_nobody_gets_another_panel_while_the_seed_can_be_read(dispute):
    chain.mine(RULES.seed_delay_blocks + 1)
    with reverts("SeedAvailable", dispute.challenge.block_number + RULES.seed_delay_blocks):
        dispute.call(dispute.court.suanli.court.rearm)


def test_lost_seed_is_named_anew_by_anyone(dispute):
    contract = dispute.court.suanli.court
    brownie.web3.provider.make_request("anvil_setCode", [HASHES, "0x"])
    brownie.web3.provider.make_request("anvil_mine", [hex(256 + RULES.seed_delay_blocks + 1)])
    with reverts("SeedLost", dispute.challenge.block_number + RULES.seed_delay_blocks):
        dispute.call(contract.draw)
    receipt = dispute.call(contract.rearm)
    named = receipt.block_number + RULES.seed_delay_blocks
    assert receipt.events["SeedRearmed"]["blockNumber"] == named
    assert tuple(contract.panelOf(dispute.id(), 0)) == (0, named)
    dispute.draw()
    assert dispute.drawn_at() != 0
