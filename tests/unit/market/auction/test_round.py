"""What holds of every round, whatever is in it."""

import pytest

from market.core.auction import GREEDY, Budget, clear_round
from tests.unit.market.auction.rounds import hold_feasible, random_round

SEED = bytes(32)


@pytest.mark.parametrize("budget", [GREEDY, Budget()], ids=["greedy", "full"])
def test_no_rule_is_broken_and_nobody_pays_above_value_or_earns_below_ask(budget: Budget) -> None:
    for seed in range(600):
        arrays = random_round(seed)
        hold_feasible(*arrays, clear_round(*arrays, SEED, budget))
