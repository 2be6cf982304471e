// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A token without value for development chains
/// @notice Anyone may take some. Never use it where money is meant.
contract TestToken is ERC20Permit {
    /// @notice The most that one call of the faucet gives: 10 000 TSC.
    uint256 public constant FAUCET_CAP = 10_000e6;

    /// The faucet gives at most FAUCET_CAP atoms a call.
    error FaucetCapExceeded(uint256 amount);

    constructor() ERC20("Suanli Test Credit", "TSC") ERC20Permit("Suanli Test Credit") {}

    /// @notice Makes `amount` atoms for `to`.
    function faucet(address to, uint256 amount) external {
        if (amount > FAUCET_CAP) revert FaucetCapExceeded(amount);
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
