"""Contract accounts (ERC-1271) as owners and buyers, and accounts that have code and a key (EIP-7702)."""

import brownie
import pytest

from suanli.protocol.messages import Delegation, NodeTerms
from suanli.protocol.netting import Batch, NettingTask, pack
from suanli.protocol.serials import marks_of
from tests.contracts.conftest import BENCHMARK, FUNDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import NEVER, batch_signatures, values

ROOT = "0x" + "07" * 32


@pytest.fixture
def wallet(suanli, contracts, mallory):
    """A contract account with money, whose key is mallory's (who is honest here)."""
    made = contracts.KeyWallet.deploy(mallory, {"from": suanli.relayer})
    suanli.fund(made)
    return made


@pytest.fixture
def key(mallory):
    return mallory


@pytest.fixture
def statement(suanli, wallet, carols_node):
    return suanli.statement(wallet, carols_node, 1000)


def settle(suanli, statement, buyer_signature, node):
    signatures = buyer_signature, suanli.signed(node, statement)
    suanli.settlement.settleStatement(values(statement), marks_of([0]), *signatures, {"from": suanli.relayer})


def test_wallet_owns_a_node(suanli, wallet, key, operator):
    terms = NodeTerms(
        node=operator.address, owner=wallet.address, benchmark=BENCHMARK, stake=STAKE, expiry=NEVER
    )
    signatures = suanli.signed(key, terms), suanli.signed(operator, terms)
    suanli.registry.connect(values(terms), *signatures, {"from": suanli.relayer})
    assert suanli.registry.stakeOf(operator)[0] == STAKE
    wallet.execute(suanli.registry, suanli.registry.disconnect.encode_input(operator), {"from": key})


def test_wallet_does_not_own_what_it_did_not_approve(suanli, wallet, alice, operator):
    terms = NodeTerms(
        node=operator.address, owner=wallet.address, benchmark=BENCHMARK, stake=STAKE, expiry=NEVER
    )
    signatures = suanli.signed(alice, terms), suanli.signed(operator, terms)
    with reverts("InvalidSignature", wallet):
        suanli.registry.connect(values(terms), *signatures, {"from": suanli.relayer})


def test_wallet_buys_by_statement(suanli, wallet, key, statement, carols_node):
    settle(suanli, statement, suanli.signed(key, statement), carols_node)
    assert suanli.balance(wallet) == FUNDS - 1000


def test_wallet_pays_only_what_it_approves_now(suanli, wallet, key, alice, statement, carols_node):
    approved_then = suanli.signed(key, statement)
    wallet.setKey(alice, {"from": key})
    with reverts("NotDelegated", wallet, key):
        settle(suanli, statement, approved_then, carols_node)


def test_wallets_own_approval_leaves_a_delegates_cap_alone(suanli, wallet, key, statement, carols_node):
    """The wallet's key is also its delegate: what the wallet itself approves is not drawn from the cap."""
    delegation = Delegation(account=wallet.address, delegate=key.address, cap=5, expiry=NEVER, nonce=1)
    suanli.registry.delegateBySignature(
        values(delegation), suanli.signed(key, delegation), {"from": suanli.relayer}
    )
    settle(suanli, statement, suanli.signed(key, statement), carols_node)
    assert suanli.registry.delegationOf(wallet, key)[0] == 5


def test_wallet_takes_part_in_netting_through_a_delegate(suanli, wallet, key, operator, carol, carols_node):
    delegation = Delegation(
        account=wallet.address, delegate=operator.address, cap=FUNDS, expiry=NEVER, nonce=1
    )
    suanli.registry.delegateBySignature(
        values(delegation), suanli.signed(key, delegation), {"from": suanli.relayer}
    )
    batch = Batch(
        1,
        (NettingTask(wallet.address, carols_node.address, 1000, ROOT, 0),),
        {carols_node.address: carol.address},
    )
    signers = {wallet.address: operator, carols_node.address: carols_node}
    signatures = batch_signatures(batch, suanli.domain, signers)
    suanli.settlement.settleBatch(pack(batch), signatures, {"from": suanli.relayer})
    assert suanli.balance(wallet) == FUNDS - 1000


def test_wallet_is_no_node(suanli, wallet, key, alice):
    terms = NodeTerms(
        node=wallet.address, owner=alice.address, benchmark=BENCHMARK, stake=STAKE, expiry=NEVER
    )
    signatures = suanli.signed(alice, terms), suanli.signed(key, terms)
    with reverts("InvalidSignature", wallet):
        suanli.registry.connect(values(terms), *signatures, {"from": suanli.relayer})


def test_plain_signature_of_an_account_with_code_still_counts(suanli, alice, carols_node, contracts):
    """An EIP-7702 account has code that may know nothing of ERC-1271; its key signs as before."""
    code = brownie.web3.eth.get_code(suanli.token.address).hex()
    brownie.web3.provider.make_request("anvil_setCode", [alice.address, "0x" + code.removeprefix("0x")])
    statement = suanli.statement(alice, carols_node, 1000)
    settle(suanli, statement, suanli.signed(alice, statement), carols_node)
    assert suanli.balance(alice) == FUNDS - 1000
