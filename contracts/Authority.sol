// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Stoppable} from "./libraries/Stoppable.sol";

/// @title Who may stop new business, let it go on, and announce modules
/// @notice OpenZeppelin's AccessManager with all roles set when it is made.
///
/// - PAUSER stops new business at once.
/// - GOVERNOR lets it go on and announces modules of the Ledger, each after `governorDelay` from scheduling.
/// - ADMIN, who gives and takes roles, is the governor with the same delay.
///
/// Trust: this contract is asked only by `pause`, `unpause` and `Ledger.scheduleModule`, so whatever the
/// admin makes of the roles, it reaches nothing else: no exit asks it and no money is moved by it. A module
/// gains power `Ledger.moduleDelaySeconds` after it is announced, which nobody here can shorten.
contract Authority is AccessManager {
    uint64 public constant PAUSER_ROLE = 1;
    uint64 public constant GOVERNOR_ROLE = 2;

    /// The address cannot take this place.
    error InvalidAddress(address account);

    /// @param governor Has the roles GOVERNOR and ADMIN.
    /// @param governorDelay Seconds between scheduling and executing what the governor does.
    /// @param pauser Has the role PAUSER.
    /// @param ledger The Ledger's address, which may be foretold.
    /// @param pausable The addresses of all contracts that can be paused, the Ledger among them.
    constructor(
        address governor,
        uint32 governorDelay,
        address pauser,
        address ledger,
        address[] memory pausable
    ) AccessManager(governor) {
        if (pauser == address(0)) revert InvalidAddress(pauser);
        if (ledger == address(0)) revert InvalidAddress(ledger);
        emit RoleLabel(PAUSER_ROLE, "PAUSER");
        emit RoleLabel(GOVERNOR_ROLE, "GOVERNOR");
        _grantRole(PAUSER_ROLE, pauser, 0, 0);
        _grantRole(GOVERNOR_ROLE, governor, 0, governorDelay);
        _setTargetFunctionRole(ledger, ILedger.scheduleModule.selector, GOVERNOR_ROLE);
        for (uint256 i = 0; i < pausable.length; ++i) {
            if (pausable[i] == address(0)) revert InvalidAddress(pausable[i]);
            _setTargetFunctionRole(pausable[i], Stoppable.pause.selector, PAUSER_ROLE);
            _setTargetFunctionRole(pausable[i], Stoppable.unpause.selector, GOVERNOR_ROLE);
        }
        // The member that AccessManager's constructor admitted without a delay gets the delay last.
        _grantRole(ADMIN_ROLE, governor, 0, governorDelay);
    }
}
