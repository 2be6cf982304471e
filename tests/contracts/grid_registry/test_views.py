"""GridRegistry's views."""

from tests.contracts.reverts import reverts


def test_owners_come_in_the_order_asked_for(suanli, carol, dave, carols_node, daves_node):
    owners = suanli.registry.ownersOf([daves_node, carols_node, daves_node])
    assert list(owners) == [dave, carol, dave]


def test_unknown_node_has_no_owner(suanli, mallory, carols_node):
    with reverts("NodeUnknown", mallory):
        suanli.registry.ownerOf(mallory)
    with reverts("NodeUnknown", mallory):
        suanli.registry.ownersOf([carols_node, mallory])


def test_domain_separator_is_that_of_the_protocol(suanli):
    separator = "0x" + suanli.domain.separator().hex()
    assert str(suanli.registry.domainSeparator()) == separator
    assert str(suanli.settlement.domainSeparator()) == separator
