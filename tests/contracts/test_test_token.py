"""TestToken."""

from tests.contracts.reverts import reverts


def test_faucet_gives_to_anyone_up_to_its_cap(suanli, alice, mallory):
    cap = suanli.token.FAUCET_CAP()
    suanli.token.faucet(alice, cap, {"from": mallory})
    assert suanli.token.balanceOf(alice) == cap
    with reverts("FaucetCapExceeded", cap + 1):
        suanli.token.faucet(alice, cap + 1, {"from": mallory})


def test_token_is_named_for_what_it_is(suanli):
    described = suanli.token.name(), suanli.token.symbol(), suanli.token.decimals()
    assert described == ("Suanli Test Credit", "TSC", 6)
