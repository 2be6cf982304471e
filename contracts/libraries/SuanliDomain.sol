// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title The one EIP-712 domain of a deployment
/// @notice Name "Suanli", version "1", this chain, and the Ledger's address standing for all contracts of the
/// deployment. After a fork of the chain the separator follows the new chain id, so no signature counts
/// twice.
abstract contract SuanliDomain {
    string internal constant DOMAIN_TYPE =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

    address private immutable VERIFYING_LEDGER;
    uint256 private immutable CACHED_CHAIN_ID;
    bytes32 private immutable CACHED_SEPARATOR;

    constructor(address ledger) {
        VERIFYING_LEDGER = ledger;
        CACHED_CHAIN_ID = block.chainid;
        CACHED_SEPARATOR = _separator(ledger);
    }

    /// @notice The EIP-712 domain separator that every message of this deployment is signed for.
    function domainSeparator() public view returns (bytes32) {
        return block.chainid == CACHED_CHAIN_ID ? CACHED_SEPARATOR : _separator(VERIFYING_LEDGER);
    }

    /// @dev What is signed: keccak256(0x1901 ‖ domainSeparator ‖ structHash).
    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), structHash);
    }

    function _separator(address ledger) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(bytes(DOMAIN_TYPE)), keccak256("Suanli"), keccak256("1"), block.chainid, ledger
            )
        );
    }
}
