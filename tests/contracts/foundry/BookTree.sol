// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BookLeaf} from "../../../contracts/interfaces/IEpochAnchors.sol";

/// @title Books for tests: ascending orders, their tree, their leaves
/// @notice Builds trees by itself, so that the contract is read by somebody else's hand.
library BookTree {
    /// @notice `size` orders from a seed, ascending.
    function orders(bytes32 seed, uint256 size) internal pure returns (bytes32[] memory made) {
        made = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            bytes32 added = keccak256(abi.encode(seed, i));
            uint256 place = i;
            for (; place > 0 && made[place - 1] > added; --place) {
                made[place] = made[place - 1];
            }
            made[place] = added;
        }
    }

    /// @notice The orders without number `index`.
    function without(bytes32[] memory all, uint256 index) internal pure returns (bytes32[] memory rest) {
        rest = new bytes32[](all.length - 1);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = all[i < index ? i : i + 1];
        }
    }

    /// @notice The root over a list; zero for none.
    function root(bytes32[] memory list) internal pure returns (bytes32) {
        if (list.length == 0) return 0;
        bytes32[] memory layer = _leaves(list);
        while (layer.length > 1) {
            layer = _above(layer);
        }
        return layer[0];
    }

    /// @notice Leaf `index` with its siblings.
    function leaf(bytes32[] memory list, uint256 index) internal pure returns (BookLeaf memory found) {
        (bytes32[] memory layer, uint256 place, uint256 count) = (_leaves(list), index, 0);
        bytes32[] memory proof = new bytes32[](32);
        while (layer.length > 1) {
            if ((place ^ 1) < layer.length) proof[count++] = layer[place ^ 1];
            (layer, place) = (_above(layer), place / 2);
        }
        bytes32[] memory cut = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            cut[i] = proof[i];
        }
        return BookLeaf(uint32(index), list[index], cut);
    }

    function _leaves(bytes32[] memory list) private pure returns (bytes32[] memory layer) {
        layer = new bytes32[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            layer[i] = keccak256(abi.encode(keccak256(abi.encode(i, list[i]))));
        }
    }

    function _above(bytes32[] memory layer) private pure returns (bytes32[] memory above) {
        above = new bytes32[]((layer.length + 1) / 2);
        for (uint256 i = 0; i < above.length; ++i) {
            (bytes32 left, uint256 other) = (layer[2 * i], 2 * i + 1);
            if (other == layer.length) above[i] = left;
            else above[i] = _pair(left, layer[other]);
        }
    }

    function _pair(bytes32 one, bytes32 other) private pure returns (bytes32) {
        return one < other ? keccak256(abi.encode(one, other)) : keccak256(abi.encode(other, one));
    }
}
