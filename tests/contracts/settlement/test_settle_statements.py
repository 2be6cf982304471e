"""Settlement.settleStatements: many pairs in one transaction, all or nothing."""

import pytest

from suanli.protocol.messages import Delegation
from suanli.protocol.statement_batches import batch_hash, net, pack, payees, row_of
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import NEVER, values

OWNED = FUNDS - STAKE
"""What an owner holds whose node is connected, in atoms."""


@pytest.fixture
def row(suanli):
    """A statement as a row of a batch, signed for the buyer by `signer` or the buyer."""

    def _row(buyer, node, amount, serials=(0,), signer=None):
        statement = suanli.statement(buyer, node, amount, serials)
        signatures = suanli.signed(signer or buyer, statement), suanli.signed(node, statement)
        return row_of(statement, serials, *("0x" + signature.hex() for signature in signatures))

    return _row


@pytest.fixture
def settle(suanli):
    """Relays rows."""
    return lambda *rows: suanli.settlement.settleStatements(pack(rows), {"from": suanli.relayer})


def test_statements_of_many_pairs_are_paid(
    suanli, row, settle, alice, bob, carol, dave, carols_node, daves_node
):
    rows = [
        row(alice, carols_node, 1000, (0, 7, 255)),
        row(bob, daves_node, 200),
        row(alice, daves_node, 30, (1,)),
    ]
    receipt = settle(*rows)
    balances = [suanli.balance(account) for account in (alice, bob, carol, dave)]
    assert balances == [FUNDS - 1030, FUNDS - 200, OWNED + 1000, OWNED + 230]
    event = receipt.events["StatementsSettled"]
    assert (event["batch"], event["statements"], event["volume"]) == (batch_hash(pack(rows)), 3, 1230)
    assert "StatementSettled" not in receipt.events
    assert "Moved" not in receipt.events


def test_chain_moves_what_the_mirror_says(
    suanli, row, settle, alice, bob, carol, dave, carols_node, daves_node
):
    rows = [row(alice, carols_node, 11), row(alice, carols_node, 7, (1,)), row(bob, carols_node, 5, (2,))]
    settle(*rows)
    moved = net(rows)
    assert suanli.balance(carol) - OWNED == moved.credits(payees(rows))[carol.address] == 23
    assert [FUNDS - suanli.balance(buyer) for buyer in (alice, bob)] == [
        moved.paid[buyer.address] for buyer in (alice, bob)
    ]


def test_owner_who_buys_from_its_own_node_ends_where_it_began(suanli, row, settle, carol, carols_node):
    settle(row(carol, carols_node, 400))
    assert suanli.balance(carol) == OWNED


def test_serials_of_a_row_are_paid_in_the_nodes_space(suanli, row, settle, alice, carols_node, daves_node):
    settle(row(alice, carols_node, 1, (256, 511)))
    assert suanli.settlement.paidWord(carols_node, 1) == 1 | 1 << 255
    assert suanli.settlement.paidWord(daves_node, 1) == suanli.settlement.paidWord(alice, 1) == 0


def test_statement_paid_in_a_batch_cannot_be_paid_alone(suanli, row, settle, alice, carols_node):
    settle(row(alice, carols_node, 1000, (3,)))
    with reverts("AlreadyPaid", carols_node, 0, 8):
        suanli.settle_statement(alice, carols_node, 1000, (3,))


def test_statement_paid_alone_stops_its_batch(suanli, row, settle, alice, bob, carols_node, daves_node):
    suanli.settle_statement(alice, carols_node, 1000, (3,))
    with reverts("AlreadyPaid", carols_node, 0, 8):
        settle(row(bob, daves_node, 1), row(alice, carols_node, 1000, (3,)))
    assert suanli.balance(bob) == FUNDS


def test_one_bad_statement_stops_all(suanli, row, settle, alice, bob, carols_node, daves_node):
    with reverts("BalanceTooSmall", bob, FUNDS, FUNDS + 1):
        settle(row(alice, carols_node, 1000), row(bob, daves_node, FUNDS + 1))
    assert suanli.balance(alice) == FUNDS


def test_delegates_rows_draw_on_its_cap(suanli, row, settle, alice, operator, carols_node, daves_node):
    suanli.delegate(alice, operator, cap=1500)
    settle(row(alice, carols_node, 1000, signer=operator), row(alice, daves_node, 300, signer=operator))
    assert suanli.registry.delegationOf(alice, operator)[0] == 200
    with reverts("DelegationExceeded", alice, operator, 200, 201):
        settle(row(alice, carols_node, 201, (1,), signer=operator))


def test_delegate_beside_its_buyer_draws_only_for_what_it_signed(
    suanli, row, settle, alice, operator, carols_node
):
    suanli.delegate(alice, operator, cap=1500)
    settle(row(alice, carols_node, 1000), row(alice, carols_node, 5, (1,), signer=operator))
    assert suanli.registry.delegationOf(alice, operator)[0] == 1495


def test_wallet_cannot_sign_a_row_but_its_delegate_can(
    suanli, contracts, row, settle, mallory, operator, carols_node
):
    """Mallory's key is the wallet's: the wallet would approve, but a row is never asked of a contract."""
    wallet = contracts.KeyWallet.deploy(mallory, {"from": suanli.relayer})
    suanli.fund(wallet)
    with reverts("NotDelegated", wallet, mallory):
        settle(row(wallet, carols_node, 9, signer=mallory))
    delegation = Delegation(account=wallet.address, delegate=operator.address, cap=9, expiry=NEVER, nonce=1)
    suanli.registry.delegateBySignature(
        values(delegation), suanli.signed(mallory, delegation), {"from": suanli.relayer}
    )
    settle(row(wallet, carols_node, 9, signer=operator))
    assert suanli.balance(wallet) == FUNDS - 9


def test_pause_stops_no_statements(suanli, row, settle, pauser, alice, carols_node):
    for part in (suanli.ledger, suanli.registry, suanli.bidding, suanli.anchors):
        part.pause({"from": pauser})
    settle(row(alice, carols_node, 1))
    assert suanli.balance(alice) == FUNDS - 1


@pytest.mark.parametrize("batch", [b"", b"\x00\x00", b"\x00\x00\x00", b"\xff\xff\xff"])
def test_batch_without_statements_reverts(suanli, batch):
    with reverts("BatchTooShort", len(batch)):
        suanli.settlement.settleStatements(batch, {"from": suanli.relayer})


def test_bytes_behind_the_last_row_revert(suanli, row, alice, carols_node):
    with reverts("TrailingRowBytes", 3):
        packed = pack([row(alice, carols_node, 1)]) + b"\x00\x01\x02"
        suanli.settlement.settleStatements(packed, {"from": suanli.relayer})
