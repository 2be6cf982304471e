"""Whether a proposed allocation of an epoch's book is feasible, and what it is worth. Pure.

It is judged by the published rules of a pair alone (`suanli.protocol.arrays.pair`), not by the engine.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from market.core.encoding import Encoded
from suanli.protocol.arrays import pair
from suanli.protocol.challenges import ProposedMatch
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

Place = tuple[int, int]


def welfare_of(encoded: Encoded, matches: Sequence[ProposedMatch]) -> int:
    """What the matches gain together, in micro-atoms. Raises MarketError(CERTIFICATE_INVALID) with the first
    rule that they break."""
    placed = _placed(encoded, matches)
    _check_once(placed)
    _check_slots(encoded, placed)
    _check_owners(encoded, placed)
    welfare, spent = 0, Counter[int]()
    for item, provider in placed:
        found = pair(encoded.measure, encoded.supply, encoded.demand, item, provider)
        if found is None:
            raise _broken(f"{_name(encoded, item)} may not go to {encoded.names.nodes[provider].node}")
        welfare += found.surplus
        spent[encoded.names.items[item].group] += found.price
    for group, price in spent.items():
        if price > int(encoded.demand.budget[group]):
            raise _broken(f"the matches of order {encoded.names.orders[group].order} exceed its budget")
    return welfare


def item_numbers(encoded: Encoded) -> Mapping[tuple[Hash, int, int], int]:
    """The number of each item by (order, task, attempt)."""
    return {
        (one.order.order, one.task.index, one.task.attempt + one.copy): number
        for number, one in enumerate(encoded.names.items)
    }


def _placed(encoded: Encoded, matches: Sequence[ProposedMatch]) -> list[Place]:
    items, nodes = item_numbers(encoded), encoded.names.number_of
    placed = []
    for match in matches:
        item = items.get((match.order, match.task, match.attempt))
        if item is None:
            detail = f"order {match.order}, task {match.task}, attempt {match.attempt}"
            raise _broken(f"the round has no copy of {detail}")
        if match.node not in nodes:
            raise _broken(f"the node {match.node} is not in the round")
        placed.append((item, nodes[match.node]))
    return placed


def _check_once(placed: Sequence[Place]) -> None:
    if len({item for item, _ in placed}) < len(placed):
        raise _broken("a copy stands in the allocation twice")


def _check_slots(encoded: Encoded, placed: Sequence[Place]) -> None:
    for provider, count in Counter(provider for _, provider in placed).items():
        if count > int(encoded.supply.capacity[provider, 0]):
            raise _broken(f"the node {encoded.names.nodes[provider].node} has fewer free slots than {count}")


def _check_owners(encoded: Encoded, placed: Sequence[Place]) -> None:
    seen = set()
    for item, provider in placed:
        once = (encoded.names.items[item].family, int(encoded.supply.owner[provider]))
        if once in seen:
            raise _broken(f"two copies of {_name(encoded, item)} go to nodes of one owner")
        seen.add(once)


def _name(encoded: Encoded, item: int) -> str:
    one = encoded.names.items[item]
    return f"task {one.task.index} of order {one.order.order}"


def _broken(detail: str) -> MarketError:
    return MarketError(Reason.CERTIFICATE_INVALID, f"the allocation breaks a rule: {detail}")
