// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Tables of addresses in a packed batch
/// @notice Rows of a fixed length that begin with an address, strictly ascending, never the zero address.
library PartyTables {
    /// Parties must ascend strictly, so that each stands in its table once.
    error PartiesNotAscending(address previous, address next);
    /// The node at this position names a payee that the table does not hold.
    error PayeeOutOfRange(uint256 node, uint256 payee);

    /// @notice The addresses of `count` rows of `rowBytes` from byte `position`.
    /// @dev The caller has checked that the batch holds them.
    function read(bytes calldata batch, uint256 position, uint256 count, uint256 rowBytes)
        internal
        pure
        returns (address[] memory parties)
    {
        parties = new address[](count);
        address previous;
        address party;
        bool ascending = true;
        assembly ("memory-safe") {
            let source := add(batch.offset, position)
            let entry := add(parties, 0x20)
            for { let end := add(entry, shl(5, count)) } lt(entry, end) { entry := add(entry, 0x20) } {
                party := shr(96, calldataload(source))
                if iszero(gt(party, previous)) {
                    ascending := 0
                    break
                }
                mstore(entry, party)
                previous := party
                source := add(source, rowBytes)
            }
        }
        if (!ascending) revert PartiesNotAscending(previous, party);
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
