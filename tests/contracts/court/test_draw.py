"""ClaimCourt.draw: a later block's hash names the panel, whoever calls."""

from brownie import chain, web3
from hexbytes import HexBytes

from suanli.protocol.court import draw_panel, places_of
from tests.contracts.clock import next_block_at
from tests.contracts.court.conftest import RULES, Dispute
from tests.contracts.reverts import reverts


def test_panel_waits_for_the_named_block(dispute):
    named = dispute.challenge.block_number + RULES.seed_delay_blocks
    with reverts("SeedNotReady", named):
        dispute.call(dispute.court.suanli.court.draw)


def test_panel_is_three_owners_none_of_them_a_party(dispute, carol, bob, alice):
    dispute.draw()
    owners = {str(dispute.court.suanli.registry.ownerOf(dispute.juror(seat))) for seat in range(3)}
    assert len(owners) == 3
    assert not owners & {carol.address, bob.address, alice.address}


def test_panel_is_the_one_that_python_draws(dispute, carol, bob, alice):
    suanli, challenge = dispute.court.suanli, dispute.challenge
    dispute.draw()
    named = web3.eth.get_block(challenge.block_number + RULES.seed_delay_blocks)["hash"]
    places = range(challenge.node_count)
    owners = [str(suanli.registry.ownerOf(suanli.registry.nodeAt(place)[0])) for place in places]
    barred = {carol.address, bob.address, alice.address}
    seed = "0x" + HexBytes(named).hex().removeprefix("0x")
    expected = draw_panel(seed, dispute.id(), 0, challenge.node_count, owners.__getitem__, barred)
    assert places_of(int(suanli.court.panelOf(dispute.id(), 0)[1]), 0) == expected


def test_panel_is_drawn_once(dispute):
    dispute.draw()
    with reverts("AlreadyDrawn", dispute.id(), 0):
        dispute.call(dispute.court.suanli.court.draw)


def test_panel_is_not_drawn_after_its_time(dispute):
    end = dispute.challenge.challenged_at + RULES.draw_seconds
    chain.mine(RULES.seed_delay_blocks)
    next_block_at(end + 1)
    with reverts("PhaseEnded", end):
        dispute.call(dispute.court.suanli.court.draw)


def test_fleet_of_one_other_owner_has_no_panel(court, bob):
    claim = court.open()
    chain.sleep(10)  # who connects in the second of the challenge does not judge
    challenge, _ = court.challenge(claim, bob)
    chain.mine(RULES.seed_delay_blocks + 1)
    chain.sleep(10)
    with reverts("PanelIncomplete", 1, 3):
        Dispute(court, claim, challenge, {}).call(court.suanli.court.draw)


def test_case_that_nobody_opened_is_not_drawn(dispute, mallory):
    other = Dispute(
        dispute.court, dispute.claim, type(dispute.challenge)(mallory.address, 1, 1, 1), dispute.keys
    )
    with reverts("ClaimMismatch", dispute.claim.id, dispute.id(), other.id()):
        other.call(dispute.court.suanli.court.draw)
