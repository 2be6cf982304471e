"""Settlement.settleStatements: many pairs in one transaction, all or nothing."""

from suanli.protocol.serials import marks_of
from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import values


def row(suanli, buyer, node, amount, serials=(0,)):
    statement = suanli.statement(buyer, node, amount, serials)
    signatures = suanli.signed(buyer, statement), suanli.signed(node, statement)
    return values(statement), marks_of(serials), *signatures


def test_statements_of_many_pairs_are_paid(suanli, alice, bob, carols_node, daves_node):
    rows = [row(suanli, alice, carols_node, 1000), row(suanli, bob, daves_node, 200)]
    receipt = suanli.settlement.settleStatements(rows, {"from": suanli.relayer})
    assert (suanli.balance(alice), suanli.balance(bob)) == (FUNDS - 1000, FUNDS - 200)
    assert len(receipt.events["StatementSettled"]) == 2


def test_two_statements_of_one_pair_are_both_paid(suanli, alice, carols_node):
    rows = [row(suanli, alice, carols_node, 1000), row(suanli, alice, carols_node, 700, serials=(1,))]
    suanli.settlement.settleStatements(rows, {"from": suanli.relayer})
    assert suanli.balance(alice) == FUNDS - 1700


def test_one_bad_statement_stops_all(suanli, alice, bob, carols_node, daves_node):
    rows = [row(suanli, alice, carols_node, 1000), row(suanli, bob, daves_node, FUNDS + 1)]
    with reverts("BalanceTooSmall", bob, FUNDS, FUNDS + 1):
        suanli.settlement.settleStatements(rows, {"from": suanli.relayer})
    assert suanli.balance(alice) == FUNDS


def test_statement_repeated_in_one_transaction_reverts(suanli, alice, carols_node):
    with reverts("AlreadyPaid", carols_node, 0, 1):
        rows = [row(suanli, alice, carols_node, 1000)] * 2
        suanli.settlement.settleStatements(rows, {"from": suanli.relayer})


def test_no_statements_change_nothing(suanli, alice):
    suanli.settlement.settleStatements([], {"from": suanli.relayer})
    assert suanli.balance(alice) == FUNDS
