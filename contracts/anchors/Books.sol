// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BookLeaf, IEpochAnchors} from "../interfaces/IEpochAnchors.sol";
import {EpochAnchor} from "../libraries/Messages.sol";

/// @title What leaves say of an anchored book
/// @notice The tree is that of `suanli/protocol/merkle.py`: a leaf is keccak256(keccak256(abi.encode(index,
/// order))), an odd node moves up unchanged.
library Books {
    /// @notice Reverts unless the leaf lies under the book's root.
    function requireLeaf(EpochAnchor calldata anchored, BookLeaf calldata leaf) internal pure {
        bytes32 hash = keccak256(bytes.concat(keccak256(abi.encode(leaf.index, leaf.order))));
        if (!MerkleProof.verifyCalldata(leaf.proof, anchored.bookRoot, hash)) {
            revert IEpochAnchors.LeafInvalid(anchored.bookRoot, leaf.index, leaf.order);
        }
    }

    /// @notice Whether leaves of the ascending book show that `order` is not in it.
    function leavesOut(EpochAnchor calldata anchored, bytes32 order, BookLeaf[] calldata neighbours)
        internal
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < neighbours.length; ++i) {
            requireLeaf(anchored, neighbours[i]);
        }
        if (neighbours.length == 0) return anchored.orders == 0;
        if (neighbours.length == 1) return _isBeyondEdge(anchored, order, neighbours[0]);
        return neighbours.length == 2 && _isBetween(order, neighbours[0], neighbours[1]);
    }

    /// @notice The siblings on the way from leaf `index` to the root of a tree with `size` leaves.
    /// @dev Strictly fewer for the true last leaf than in any larger tree, so a count too high shows there.
    function siblings(uint256 index, uint256 size) internal pure returns (uint256 count) {
        while (size > 1) {
            if ((index ^ 1) < size) ++count;
            index >>= 1;
            size = (size + 1) >> 1;
        }
    }

    function _isBeyondEdge(EpochAnchor calldata anchored, bytes32 order, BookLeaf calldata edge)
        private
        pure
        returns (bool)
    {
        if (order < edge.order) return edge.index == 0;
        return edge.order < order && uint256(edge.index) + 1 == anchored.orders;
    }

    function _isBetween(bytes32 order, BookLeaf calldata lower, BookLeaf calldata upper)
        private
        pure
        returns (bool)
    {
        return uint256(lower.index) + 1 == upper.index && lower.order < order && order < upper.order;
    }
}
