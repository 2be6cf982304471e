"""Accounts whose key no file holds: the steps of an exit can be sent by a wallet of any kind."""

from tests.integration.audit_world import TOKENS, World
from tests.integration.direct.conftest import Desk


def test_a_wallet_leaves_by_the_calldata_of_each_step(world: World, desk: Desk) -> None:
    buyer = world.cast.buyer
    for _ in range(2):  # thaw, withdraw
        (place,) = desk.run(buyer, "exit", "status", "--account", buyer.address)["places"]
        call = {"from": buyer.address, "to": place["step"]["to"], "data": place["step"]["data"]}
        world.anvil.rpc("eth_sendTransaction", call)
    assert desk.run(buyer, "exit", "status", "--account", buyer.address)["out"]
    assert desk.tokens(buyer.address) == TOKENS
