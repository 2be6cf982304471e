"""The exported bytecode in an EVM inside this process: thousands of calls a second, no node, no brownie."""

from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple, function_signature_to_4byte_selector
from hexbytes import HexBytes
from pyrevm import EVM, BlockEnv
from web3 import Web3
from web3.contract import Contract

from suanli.protocol.abi import load
from suanli.protocol.deployment import DeploymentParameters, plan
from suanli.protocol.eip712 import Domain

DEPLOYER = Web3.to_checksum_address("0x" + "de" * 20)
CHAIN_ID = 1
"""The only one that pyrevm knows."""


class Reverted(Exception):
    """A call reverted with the custom error of this name."""


@dataclass(frozen=True, slots=True)
class Function:
    """How a function of a contract is called."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Machine:
    """A fresh deployment by the protocol's plan."""

    def __init__(self, parameters: DeploymentParameters, now: int) -> None:
        self.evm = EVM()
        self.set_time(now)
        self.contracts: dict[str, Contract] = {}
        for step in plan(DEPLOYER, 0, parameters):
            artifact = load(step.name)
            creation = Web3().eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
            made = self.evm.deploy(
                DEPLOYER, HexBytes(creation.constructor(*step.arguments).data_in_transaction)
            )
            assert Web3.to_checksum_address(made) == step.address
            self.contracts[step.name] = Web3().eth.contract(address=step.address, abi=artifact.abi)
        self._functions = {
            (name, entry["name"]): _function_of(entry)
            for name, contract in self.contracts.items()
            for entry in contract.abi
            if entry["type"] == "function"
        }
        self.domain = Domain(chain_id=CHAIN_ID, ledger=self.contracts["Ledger"].address)
        self._errors = dict(pair for contract in self.contracts.values() for pair in _errors_of(contract))

    def set_time(self, now: int) -> None:
        """The block's time from now on, in seconds since the Unix epoch."""
        self.evm.set_block_env(BlockEnv(timestamp=now))

    def call(self, caller: str, contract: str, function: str, *arguments: Any) -> tuple[Any, ...]:
        """Call as `caller`; what the function returns. Raises Reverted."""
        target = self._functions[contract, function]
        data = target.selector + encode(target.inputs, _plain(arguments))
        try:
            answer = self.evm.message_call(caller, self.contracts[contract].address, calldata=data)
        except RuntimeError as error:
            output = str(error).partition("output: 0x")[2]
            raise Reverted(self._errors.get(output[:8], str(error))) from error
        return tuple(decode(target.outputs, bytes(answer)))


def _plain(value: Any) -> Any:
    """Hashes as the bytes that the encoder takes."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return bytes.fromhex(value[2:]) if isinstance(value, str) and len(value) == 66 else value


def _function_of(entry: Any) -> Function:
    inputs = tuple(collapse_if_tuple(one) for one in entry["inputs"])
    selector = function_signature_to_4byte_selector(f"{entry['name']}({','.join(inputs)})")
    return Function(selector, inputs, tuple(collapse_if_tuple(one) for one in entry["outputs"]))


def _errors_of(contract: Contract) -> list[tuple[str, str]]:
    errors = [entry for entry in contract.abi if entry["type"] == "error"]
    return [
        (
            function_signature_to_4byte_selector(
                f"{error['name']}({','.join(one['type'] for one in error['inputs'])})"
            ).hex(),
            error["name"],
        )
        for error in errors
    ]
