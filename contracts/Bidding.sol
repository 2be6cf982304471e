// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cancellations} from "./bidding/Cancellations.sol";
import {Reservations} from "./bidding/Reservations.sol";
import {SealedAuctions} from "./bidding/SealedAuctions.sol";
import {IGridRegistry} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Stoppable} from "./libraries/Stoppable.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title Bidding
/// @notice Documented in IBidding. Its parts lie in bidding/; every function is: checks, effects, event,
/// interaction.
contract Bidding is SealedAuctions {
    constructor(
        ILedger ledger_,
        IGridRegistry registry_,
        address court_,
        address authority_,
        uint64 claimGraceSeconds_
    )
        SuanliDomain(address(ledger_))
        Cancellations(registry_)
        Reservations(ledger_, claimGraceSeconds_)
        SealedAuctions(court_)
        Stoppable(authority_)
    {
        if (address(ledger_) == address(0)) {
            revert InvalidAddress(address(ledger_));
        }
        if (ledger_.registry() != address(registry_)) revert InvalidAddress(address(registry_));
    }
}
