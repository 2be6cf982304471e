"""The call auction (算力交易): clears one round near its optimum and proves how near. Pure.

`clear_round` is the door; `Budget` says how hard it may try. `clear_critical` is the mode in which no buyer
of one item gains by misstating its value; `stands_alone` says which items it takes.
"""

from market.core.auction.budget import GREEDY, Budget
from market.core.auction.critical import clear_critical, stands_alone
from market.core.auction.round import Duals, clear_round

__all__ = ["GREEDY", "Budget", "Duals", "clear_critical", "clear_round", "stands_alone"]
