"""The GridRegistry's views: every node and its stake, the list of nodes, every delegation."""

from collections.abc import Iterator

from suanli.audit.views.compare import Compared, Views


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "node", _nodes(views)
    yield "stake", _stakes(views)
    yield "node_list", _list(views)
    yield "delegation", _grants(views)
    yield "former_delegation", _former(views)


def _nodes(views: Views) -> Compared:
    for address, node in views.books.nodes.items():
        ours = [node.owner, node.state, node.stake, node.releasable_at]
        yield address, ours, views("GridRegistry", "nodeOf", address)


def _stakes(views: Views) -> Compared:
    for address, node in views.books.nodes.items():
        ours = [node.stake, node.locked, node.stake - node.locked]
        yield address, ours, views("GridRegistry", "stakeOf", address)


def _list(views: Views) -> Compared:
    nodes = list(views.books.nodes.items())
    yield "the list's length", len(nodes), views("GridRegistry", "nodeCount")
    for place, (address, node) in enumerate(nodes):
        yield f"place {place}", [address, node.connected_at], views("GridRegistry", "nodeAt", place)


def _grants(views: Views) -> Compared:
    for pair, grant in list(views.books.grants.items()):
        ours = [grant.remaining, grant.expiry, grant.nonce]
        yield " to ".join(pair), ours, views("GridRegistry", "delegationOf", *pair)


def _former(views: Views) -> Compared:
    for pair, former in list(views.books.former.items()):
        ours = [former.remaining, former.expiry, former.later_remaining, former.later_expiry]
        yield " to ".join(pair), ours, views("GridRegistry", "formerDelegationOf", *pair)
