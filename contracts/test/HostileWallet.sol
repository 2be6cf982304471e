// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title A contract account that answers a signature check with mischief
/// @notice For tests of ERC-1271; never deployed for use.
contract HostileWallet is IERC1271 {
    uint256 private constant BURN = 1;
    uint256 private constant GARBAGE = 2;
    uint256 private constant SHORT = 3;
    uint256 private constant LONG = 4;

    ISettlement public immutable settlement;
    uint256 public immutable mode;

    constructor(ISettlement settlement_, uint256 mode_) {
        (settlement, mode) = (settlement_, mode_);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata) external view returns (bytes4) {
        bytes4 approval = IERC1271.isValidSignature.selector;
        if (mode == BURN) {
            while (true) hash = keccak256(abi.encode(hash));
        }
        if (mode == GARBAGE) _answer(uint256(hash), 32);
        if (mode == SHORT) _answer(uint256(bytes32(approval)), 4);
        if (mode == LONG) _answer(0, 100_000);
        // A static call cannot change anything: this reverts, and approves nothing.
        (bool done,) = address(settlement).staticcall(abi.encodeCall(ISettlement.advanceEpoch, (1)));
        return done ? approval : bytes4(0);
    }

    function _answer(uint256 word, uint256 size) private pure {
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, word)
            return(start, size)
        }
    }
}
