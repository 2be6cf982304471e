"""A whole dispute, with ids, seals and the panel worked out in Python beforehand."""

from typing import Any

from brownie import chain, web3

from suanli.protocol.court import dispute_id, draw_panel, kept, places_of, verdict_seal, work_hash
from tests.contracts.court.conftest import RESULT, USAGE, Court, challenge_values, claim_values

SALT = "0x" + "5a" * 32
WORK = work_hash(0, RESULT, USAGE)


def test_three_jurors_uphold_a_claim_as_python_foretells(
    court: Court,
    jurors: list[tuple[Any, Any]],
    carol: Any,
    dave: Any,
    daves_node: Any,
    bob: Any,
    relayer: Any,
) -> None:
    contract, suanli = court.suanli.court, court.suanli
    owners = [str(suanli.registry.ownerOf(suanli.registry.nodeAt(place)[0])) for place in range(6)]
    by_owner = {owner.address: node for owner, node in [(dave, daves_node), *jurors]}
    before = suanli.balance(carol)
    claim = court.open()
    challenge, tx = court.challenge(claim, bob)
    gas = [tx.gas_used]
    case = claim_values(claim), challenge_values(challenge)
    dispute = dispute_id(claim, challenge)
    assert "0x" + bytes(contract.recordOf(claim.id)).hex() == dispute

    chain.mine(5)
    named = web3.eth.get_block(challenge.block_number + 4)["hash"].hex()
    barred = {carol.address, court.buyer.address, bob.address}
    seed = named if named.startswith("0x") else "0x" + named
    panel = draw_panel(seed, dispute, 0, challenge.node_count, owners.__getitem__, barred)
    tx = contract.draw(*case, {"from": relayer})
    gas.append(tx.gas_used)
    assert places_of(tx.events["PanelDrawn"]["panel"], 0) == panel

    for seat, place in enumerate(panel):
        sealed = verdict_seal(dispute, 0, seat, WORK, SALT)
        gas.append(
            contract.commitVerdict(dispute, 0, seat, sealed, {"from": by_owner[owners[place]]}).gas_used
        )
    chain.sleep(24 * 3600 + 1)
    for seat in range(3):
        opened = contract.openVerdict(dispute, 0, seat, 0, RESULT, USAGE.vector(), SALT, {"from": relayer})
        gas.append(opened.gas_used)
        assert int(bytes(contract.verdictOf(dispute, 0, seat)).hex(), 16) == kept(WORK)
    chain.sleep(24 * 3600 + 1)
    tx = contract.resolve(*case, {"from": relayer})
    gas.append(tx.gas_used)

    assert tx.events["DisputeResolved"]["ruling"] == 1
    assert suanli.balance(carol) == before + claim.amount + 500_000 - 3 * 50_000
    assert suanli.balance(contract) == 0
    assert sum(gas) < 560_000, gas
