// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "../../../contracts/TestToken.sol";

/// @title The test token without the faucet's cap
contract MintableToken is TestToken {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
