"""The call auction (算力交易): clears one round near its optimum and proves how near. Pure.

`clear_round` is the door; `Budget` says how hard it may try.
"""

from market.core.auction.budget import GREEDY, Budget
from market.core.auction.round import Duals, clear_round

__all__ = ["GREEDY", "Budget", "Duals", "clear_round"]
