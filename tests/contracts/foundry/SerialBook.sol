// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract SerialBook {
    mapping(address space => mapping(uint256 word => uint256)) public paidWord;

    function take(address space, uint64 serial) external {
        paidWord[space][serial >> 8] |= 1 << (serial & 255);
    }
}
