"""The operator's bond in a development stack: play money in the operator's account, which the market bonds.

Goes the way that any operator goes; only the faucet is special to development.
"""

import time
from collections.abc import Callable

from suanli.client import Suanli
from suanli.client.chain import Chain
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.2


def bond_operator(chain: Chain, sign_in: Callable[[], Suanli]) -> None:
    """Fund the operator's account and wait until it is bonded; nothing to do for one that is.

    Raises SuanliError when it is not bonded in time.
    """
    operator = chain.deployment.operator
    if chain.bond_of(operator) > 0:
        return
    with sign_in() as account:
        account.funds.faucet()
        account.funds.deposit(account.key, chain.operator_bond())
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while chain.bond_of(operator) == 0:
        if time.monotonic() > deadline:
            raise SuanliError(Reason.STATE_CONFLICT, f"the operator {operator} was not bonded in time")
        time.sleep(_POLL_SECONDS)
