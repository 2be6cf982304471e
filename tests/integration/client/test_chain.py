from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from suanli.client.chain import Chain
from suanli.client.connection import Connection
from suanli.client.delegates import Delegates
from suanli.client.funds import Funds
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import word_of
from tests.integration.anvil import Anvil
from tests.integration.audit_world import World, task_of

STRANGER = "0x00000000000000000000000000000000000000A5"


@pytest.fixture
def world(anvil: Anvil, tmp_path: Path) -> World:
    return World(anvil, tmp_path)


@pytest.fixture
def chain(world: World) -> Chain:
    return Chain(world.anvil.rpc_url, world.deployment.model_copy(update={"development": True}))


@pytest.fixture
def alice(world: World) -> LocalAccount:
    key: LocalAccount = Account.create()
    world.anvil.rpc("anvil_setBalance", key.address, hex(10**18))
    world.send("TestToken", "faucet", key.address, 5_000_000)
    return key


@pytest.fixture
def funds(chain: Chain, alice: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[Funds]:
    """Alice's money without a market: its index is read from the contract itself."""
    with Connection("http://127.0.0.1:1") as connection:
        made = Funds(connection, alice.address, lambda: chain)
        balance = chain.ledger.functions.accountOf(alice.address)
        monkeypatch.setattr(made, "_in_ledger", lambda: int(balance.call()[0]))
        yield made


def settled_block(chain: Chain) -> int:
    block = chain.settled_block()
    assert block is not None
    return block


def test_a_buyer_sees_which_serials_of_a_node_are_paid(world: World, chain: Chain) -> None:
    world.endow(world.cast.buyer)
    world.endow(world.cast.owner)
    world.connect()
    paid, unpaid = world.work("two", 2)
    node, serials = world.cast.node.address, [one.lease.message.serial for one in (paid, unpaid)]
    before, words = settled_block(chain), {(node, word_of(serial)) for serial in serials}
    assert chain.paid(words, before) == frozenset()
    world.settle(7, task_of(paid))
    after = settled_block(chain)
    buyer = world.cast.buyer.address
    assert chain.paid(words, after) == {(node, serials[0])}
    assert chain.paid({(buyer, 0)}, after) == chain.paid([], after) == frozenset()
    assert [chain.epoch_of(buyer, block) for block in (before, after)] == [0, 7]


def test_the_registry_tells_who_owns_a_node(world: World, chain: Chain) -> None:
    world.endow(world.cast.owner)
    world.connect()
    node = world.cast.node.address
    assert chain.owners_of([node, STRANGER]) == {node: world.cast.owner.address}


def test_an_epoch_counts_only_under_some_blocks(world: World) -> None:
    cautious, buyer = Chain(world.anvil.rpc_url, world.deployment), world.cast.buyer.address
    world.endow(world.cast.buyer)
    world.endow(world.cast.owner)
    world.connect()
    world.settle(7, task_of(world.work("one", 1)[0]))
    assert cautious.epoch_of(buyer, settled_block(cautious)) == 0
    world.anvil.mine(2)
    assert cautious.epoch_of(buyer, settled_block(cautious)) == 7


def test_contracts_that_are_too_young_have_no_settled_block(world: World) -> None:
    young = world.deployment.model_copy(update={"first_block": 1 << 40})
    assert Chain(world.anvil.rpc_url, young).settled_block() is None


def test_a_deposit_by_permit_thaws_and_comes_out_again(
    chain: Chain, funds: Funds, alice: LocalAccount
) -> None:
    funds.deposit(alice, 3_000_000, own_transaction=True)
    assert funds._in_ledger() == 3_000_000
    assert chain.wallet(alice.address).tokens == 2_000_000
    assert funds.thaw(alice, 1_000_000).amount == 1_000_000
    funds.withdraw(alice, STRANGER)
    assert chain.wallet(STRANGER).tokens == 1_000_000
    assert funds._in_ledger() == 2_000_000


def test_the_contract_s_refusal_is_told_in_its_own_words(funds: Funds, alice: LocalAccount) -> None:
    with pytest.raises(ChainError) as error:
        funds.withdraw(alice)
    assert error.value.reason is Reason.CONTRACT_REVERTED
    assert f"NothingThawing(account={alice.address.lower()})" in error.value.detail


def test_a_delegate_is_named_and_taken_back(chain: Chain, world: World, alice: LocalAccount) -> None:
    with Connection("http://127.0.0.1:1") as connection:
        delegates = Delegates(connection, world.domain, lambda: chain)
        delegates.add(alice, STRANGER, 700, 2**40, own_transaction=True)
        named = delegates.grant(alice.address, STRANGER)
        delegates.revoke(alice, STRANGER, own_transaction=True)
        after = delegates.grant(alice.address, STRANGER)
    assert (named.remaining, named.expiry) == (700, 2**40)
    assert after.expiry < chain.now() < named.expiry
    assert after.nonce > named.nonce > 0


def test_another_chain_is_not_taken_for_the_market_s(world: World) -> None:
    with pytest.raises(ChainError) as error:
        Chain(world.anvil.rpc_url, world.deployment.model_copy(update={"chain_id": 1}))
    assert error.value.reason is Reason.WRONG_CHAIN


def test_a_chain_that_is_gone_is_a_typed_error(world: World, chain: Chain, alice: LocalAccount) -> None:
    world.anvil.stop()
    for call in (chain.settled_block, lambda: chain.owners_of([alice.address])):
        with pytest.raises(ChainError) as error:
            call()
        assert error.value.reason is Reason.CHAIN_UNREACHABLE
    with pytest.raises(ChainError):
        Chain(world.anvil.rpc_url, world.deployment)


def test_an_account_without_gas_is_told_so(chain: Chain) -> None:
    poor = Account.create()
    with pytest.raises(ChainError) as error:
        chain.send(poor, chain.settlement.functions.advanceEpoch(1))
    assert error.value.reason is Reason.TRANSACTION_REFUSED
    assert "Insufficient funds" in error.value.detail
