"""Finds a whole deployment by its Ledger's address alone: the contracts name each other.

For those whose deployment file is lost. That the Ledger is the genuine one is the caller's knowledge.
"""

from typing import Any, cast

from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract

from suanli.direct.chain import RPC_SECONDS, translated
from suanli.protocol.abi import ContractName, load
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

_BLOCKS_PER_QUERY = 10_000


def discover(rpc_url: str, ledger: Address, operator: Address | None) -> Deployment:
    """The deployment around a Ledger; without `operator` its fee's recipient stands for it.

    Raises ChainError, ClientError(NOT_FOUND) where the address has no Ledger.
    """
    web3 = Web3(HTTPProvider(rpc_url, request_kwargs={"timeout": RPC_SECONDS}))
    with translated():
        head = int(web3.eth.block_number)
        chain_id = int(web3.eth.chain_id)
        if not web3.eth.get_code(cast(Any, ledger)):
            raise ClientError(Reason.NOT_FOUND, f"there is no contract at {ledger}")
    ledger_ = _contract(web3, "Ledger", ledger)
    places = {part: _ask(ledger_, part) for part in ("token", "registry", "settlement", "authority")}
    settlement = _contract(web3, "Settlement", places["settlement"])
    places |= {part: _ask(settlement, part) for part in ("bidding", "court")}
    own = [ledger, *(place for part, place in places.items() if part != "token")]
    first_block = min(_created_at(web3, one, head) for one in own)  # a token may be much older
    token = _contract(web3, "TestToken", places["token"])
    return Deployment(
        chain_id=chain_id,
        ledger=ledger,
        anchors=_anchors(web3, ledger_, first_block, head, {places["bidding"], places["court"]}),
        token_symbol=_ask(token, "symbol"),
        token_decimals=_ask(token, "decimals"),
        fee_basis_points=_ask(settlement, "feeBasisPoints"),
        thaw_seconds=_ask(ledger_, "thawSeconds"),
        operator=operator or _ask(settlement, "feeRecipient"),
        first_block=first_block,
        rpc_url=rpc_url,
        **places,
    )


def _created_at(web3: Web3, account: Address, head: int) -> int:
    """The first block with code at the address; 0 where the chain's node has forgotten old states."""
    low, high = 0, head
    try:
        while low < high:
            middle = (low + high) // 2
            with translated():
                code = web3.eth.get_code(cast(Any, account), block_identifier=middle)
            low, high = (low, middle) if code else (middle + 1, high)
    except ChainError as error:
        if error.reason is not Reason.TRANSACTION_REFUSED:
            raise
        return 0
    return low


def _anchors(web3: Web3, ledger: Contract, first: int, head: int, others: set[Address]) -> Address:
    """The module that keeps operators' bonds: the Ledger's constructor names every module in an event."""
    for begin in range(first, head + 1, _BLOCKS_PER_QUERY):
        end = min(begin + _BLOCKS_PER_QUERY - 1, head)
        with translated():
            logs = ledger.events.ModuleScheduled().get_logs(from_block=begin, to_block=end)
        for module in (str(log["args"]["module"]) for log in logs):
            if module not in others and _keeps_bonds(web3, module):
                return module
    raise ClientError(Reason.NOT_FOUND, f"{ledger.address} has named no module that keeps operators' bonds")


def _keeps_bonds(web3: Web3, module: Address) -> bool:
    try:
        return int(_ask(_contract(web3, "EpochAnchors", module), "operatorBond")) > 0
    except ClientError:
        return False


def _ask(contract: Contract, function: str) -> Any:
    try:
        with translated():
            return contract.functions[function]().call()
    except ChainError as error:
        if error.reason is Reason.CHAIN_UNREACHABLE and "BadFunctionCallOutput" not in repr(error.__cause__):
            raise
        detail = f"the contract at {contract.address} does not answer {function}: it is none of Suanli's"
        raise ClientError(Reason.NOT_FOUND, detail) from error


def _contract(web3: Web3, name: ContractName, address: Address) -> Contract:
    made: Contract = web3.eth.contract(address=Web3.to_checksum_address(address), abi=load(name).abi)
    return made
