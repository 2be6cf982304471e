// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Ask,
    Cancellation,
    Delegation,
    Draw,
    EpochAnchor,
    InclusionPromise,
    JobOrder,
    Lease,
    Messages,
    Netting,
    NodeTerms,
    Receipt,
    Reservation,
    ReservationRelease,
    RootNetting,
    Statement,
    VerdictSeal
} from "../libraries/Messages.sol";
import {SuanliDomain} from "../libraries/SuanliDomain.sol";

/// @title Lets a test call each struct hash, the domain separator and the digest
/// @notice For parity tests; never deployed for use.
contract MessagesHarness is SuanliDomain {
    constructor(address ledger) SuanliDomain(ledger) {}

    function hashNodeTerms(NodeTerms memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashAsk(Ask memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashJobOrder(JobOrder memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashLease(Lease memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashReceipt(Receipt memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashStatement(Statement memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashNetting(Netting memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashRootNetting(RootNetting memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashReservation(Reservation memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashDraw(Draw memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashReservationRelease(ReservationRelease memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashCancellation(Cancellation memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashVerdictSeal(VerdictSeal memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashDelegation(Delegation memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashInclusionPromise(InclusionPromise memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    function hashEpochAnchor(EpochAnchor memory message) external pure returns (bytes32) {
        return Messages.hash(message);
    }

    /// @notice What is signed for a struct hash in this domain.
    function digest(bytes32 structHash) external view returns (bytes32) {
        return _digest(structHash);
    }
}
