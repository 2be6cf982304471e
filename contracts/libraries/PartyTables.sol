// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Posting} from "./Postings.sol";
import {Signatures} from "./Signatures.sol";

/// @title Tables of addresses in a packed batch
/// @notice Rows of a fixed length that begin with an address, strictly ascending, never the zero address.
library PartyTables {
    /// As many as an index of one byte can point to.
    uint256 internal constant INDEXES = 256;
    uint256 internal constant NO_AMOUNT = 0;
    uint256 internal constant UINT64_AMOUNT = type(uint64).max;

    /// Parties must ascend strictly, so that each stands in its table once.
    error PartiesNotAscending(address previous, address next);
    /// The node at this position names a payee that the table does not hold.
    error PayeeOutOfRange(uint256 node, uint256 payee);

    /// @notice The accounts of `count` rows of `rowBytes` from byte `position`, each with the amount that
    /// `amountMask` leaves of the 64 bits behind its address. Behind the table there is room for as many
    /// entries as make `capacity`; what stands there is no part of it.
    /// @dev The caller has checked that the batch holds the rows. `capacity` is not below `count`.
    function read(
        bytes calldata batch,
        uint256 position,
        uint256 count,
        uint256 rowBytes,
        uint256 amountMask,
        uint256 capacity
    ) internal pure returns (Posting[] memory parties) {
        uint256 previous;
        uint256 party;
        bool ascending = true;
        assembly ("memory-safe") {
            parties := mload(0x40)
            mstore(parties, count)
            let source := add(batch.offset, position)
            let entry := add(parties, 0x20)
            mstore(0x40, add(entry, shl(5, capacity)))
            for { let end := add(entry, shl(5, count)) } lt(entry, end) { entry := add(entry, 0x20) } {
                let row := calldataload(source)
                party := shr(96, row)
                if iszero(gt(party, previous)) {
                    ascending := 0
                    break
                }
                mstore(entry, or(shl(96, party), and(shr(32, row), amountMask)))
                previous := party
                source := add(source, rowBytes)
            }
        }
        if (!ascending) revert PartiesNotAscending(address(uint160(previous)), address(uint160(party)));
    }

    /// @notice Requires the parties of a table to ascend and to be the last of `signers`, one by one.
    /// @dev The caller has checked that the batch holds `count` rows and that the signers are not fewer.
    function requireSigners(
        bytes calldata batch,
        uint256 position,
        uint256 count,
        uint256 rowBytes,
        address[] memory signers
    ) internal pure {
        uint256 previous;
        uint256 party;
        bool ascending = true;
        bool signed = true;
        assembly ("memory-safe") {
            let source := add(batch.offset, position)
            let end := add(add(signers, 0x20), shl(5, mload(signers)))
            for { let entry := sub(end, shl(5, count)) } lt(entry, end) { entry := add(entry, 0x20) } {
                party := shr(96, calldataload(source))
                ascending := gt(party, previous)
                signed := eq(party, mload(entry))
                if iszero(and(ascending, signed)) { break }
                previous := party
                source := add(source, rowBytes)
            }
        }
        if (!ascending) revert PartiesNotAscending(address(uint160(previous)), address(uint160(party)));
        if (!signed) revert Signatures.InvalidSignature(address(uint160(party)));
    }

    /// @notice The 32 bytes from byte `position` on; those behind the batch are none of its.
    function word(bytes calldata batch, uint256 position) internal pure returns (uint256 found) {
        assembly ("memory-safe") {
            found := calldataload(add(batch.offset, position))
        }
    }

    /// @notice The `size`-byte number at byte `position`, `size` from 1 to 32.
    function number(bytes calldata batch, uint256 position, uint256 size)
        internal
        pure
        returns (uint256 found)
    {
        assembly ("memory-safe") {
            found := shr(sub(256, shl(3, size)), calldataload(add(batch.offset, position)))
        }
    }

    /// @notice keccak256 of the batch.
    /// @dev Hashes in memory that stays free, so that the tables that follow do not lie behind a copy of
    /// the batch.
    function hash(bytes calldata batch) internal pure returns (bytes32 found) {
        assembly ("memory-safe") {
            let copy := mload(0x40)
            calldatacopy(copy, batch.offset, batch.length)
            found := keccak256(copy, batch.length)
        }
    }
}
