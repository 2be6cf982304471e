// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title What the Authority can do to a contract: stop new business and let it go on
/// @notice Only functions that begin something new carry `whenNotPaused`. No function by which anybody gets
/// money back or is paid carries `whenNotPaused` or `restricted`, so neither a pause nor any act of the
/// Authority, not even its replacement, can block an exit.
/// @dev Its storage takes 22 bytes of one slot; what a contract declares first shares that slot.
abstract contract Stoppable is AccessManaged, Pausable {
    constructor(address authority_) AccessManaged(authority_) {
        if (authority_.code.length == 0) revert AccessManagedInvalidAuthority(authority_);
    }

    /// @notice Stops new business. For whom the Authority names.
    function pause() external restricted {
        _pause();
    }

    /// @notice Lets new business go on. For whom the Authority names.
    function unpause() external restricted {
        _unpause();
    }
}
