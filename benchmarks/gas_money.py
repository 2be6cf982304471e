"""What it costs in gas to bring money in and to take it out."""

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3.types import TxReceipt

from benchmarks.chain import FUNDS, NEVER, Chain, key
from benchmarks.gas_rows import RULES, Row, row


def money_rows(chain: Chain) -> list[Row]:
    """Deposit and withdrawal."""
    account = Account.from_key(key("saver").key)
    chain.impersonate(account.address)
    chain.fund(account.address)
    chain.call("TestToken", "faucet", account.address, 2 * FUNDS)
    deposit = _deposit_by_permit(chain, account, 0)
    deposit = _deposit_by_permit(chain, account, 1)
    chain.call("Ledger", "thaw", FUNDS, sender=account.address)
    chain.wait(24 * 3600)
    withdraw = chain.call("Ledger", "withdraw", account.address, sender=account.address)
    return [
        row(
            "gas.deposit_permit",
            deposit["gasUsed"],
            f"{RULES}, account with a balance, permit nonce above zero, relayed",
        ),
        row(
            "gas.withdraw",
            withdraw["gasUsed"],
            f"{RULES}, part of the balance, the recipient holds tokens already",
        ),
    ]


def _deposit_by_permit(chain: Chain, account: LocalAccount, nonce: int) -> TxReceipt:
    token, ledger = (chain.contracts[name].address for name in ("TestToken", "Ledger"))
    amount = FUNDS // 2
    domain = {
        "name": "Suanli Test Credit",
        "version": "1",
        "chainId": chain.domain.chain_id,
        "verifyingContract": token,
    }
    names = (("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256"))
    types = {"Permit": [{"name": name, "type": type_} for name, type_ in (*names, ("deadline", "uint256"))]}
    values = {"owner": account.address, "spender": ledger, "value": amount, "nonce": nonce, "deadline": NEVER}
    signed = account.sign_typed_data(domain, types, values)
    rs = [number.to_bytes(32, "big") for number in (signed.r, signed.s)]
    return chain.call("Ledger", "depositWithPermit", account.address, amount, NEVER, signed.v, *rs)
