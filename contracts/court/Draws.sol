// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {IGridRegistry, NodeState} from "../interfaces/IGridRegistry.sol";
import {Cases, Draw} from "./Cases.sol";

/// @title Whom a seed draws
/// @notice Reads and never writes.
abstract contract Draws {
    using Cases for *;

    uint256 private constant FIRST = 0;
    uint256 private constant PARTIES = 3;
    /// Bounds the gas of a call; the next one goes on where it stopped.
    uint256 private constant MAXIMUM_TRIES = 256;
    /// After so many tries for each place of the list, one place in three thousand was not tried.
    uint256 private constant TRIES_PER_NODE = 8;

    IGridRegistry private immutable REGISTRY;
    uint88 private immutable JUROR_SLASH;

    constructor(IGridRegistry registry, uint88 jurorSlash) {
        (REGISTRY, JUROR_SLASH) = (registry, jurorSlash);
    }

    /// @notice How far the drawing of a panel is after up to 256 more tries; `first` is the word of the first
    /// round, `begun` that of a draw which other calls have begun, or zero. A fleet with too few owners is
    /// told so, lest anybody pay for draws without end.
    /// @dev Tries places of the list in an order that the seed fixes: who draws cannot choose.
    function drawOn(
        Claim calldata claim,
        Challenge calldata challenge_,
        bytes32 seed,
        uint256 round,
        uint256 first,
        uint256 begun
    ) external view returns (Draw memory reached) {
        reached = begun.unpacked();
        address[] memory barred = _barred(round, first, claim, challenge_.challenger);
        address[] memory owners = _ownersSeated(reached, round.seats());
        uint256 last = reached.tries + MAXIMUM_TRIES;
        for (; reached.tries < last && reached.found < owners.length; ++reached.tries) {
            uint256 place = uint256(keccak256(abi.encode(seed, reached.tries))) % challenge_.nodeCount;
            address owner = _eligibleOwner(place, challenge_.challengedAt);
            if (owner == address(0) || _contains(barred, owner) || _contains(owners, owner)) continue;
            reached.panel |= Cases.seatOf(place, reached.found);
            owners[reached.found] = owner;
            ++reached.found;
        }
        if (reached.found < owners.length && reached.tries >= TRIES_PER_NODE * challenge_.nodeCount) {
            revert IClaimCourt.PanelIncomplete(reached.found, owners.length);
        }
    }

    /// @dev Owners who may not judge: the parties, and before the second panel the owners of the first.
    function _barred(uint256 round, uint256 first, Claim calldata claim, address challenger)
        private
        view
        returns (address[] memory owners)
    {
        owners = new address[](round == FIRST ? PARTIES : PARTIES + Cases.SMALL_PANEL);
        (owners[0], owners[1], owners[2]) = (REGISTRY.ownerOf(claim.node), claim.buyer, challenger);
        for (uint256 i = PARTIES; i < owners.length; ++i) {
            owners[i] = _ownerAt(first.placeAt(i - PARTIES));
        }
    }

    /// @dev One entry for each seat, zero for those that are not filled yet.
    function _ownersSeated(Draw memory reached, uint256 seats)
        private
        view
        returns (address[] memory owners)
    {
        owners = new address[](seats);
        for (uint256 seat = 0; seat < reached.found; ++seat) {
            owners[seat] = _ownerAt(reached.panel.placeAt(seat));
        }
    }

    function _ownerAt(uint256 place) private view returns (address owner) {
        (owner,,,) = REGISTRY.candidateAt(place);
    }

    /// @dev The owner of the node at a place, or zero if the node cannot judge.
    function _eligibleOwner(uint256 place, uint64 challengedAt) private view returns (address) {
        (address owner, uint64 connectedAt, NodeState state, uint88 free) = REGISTRY.candidateAt(place);
        bool eligible = connectedAt < challengedAt && state == NodeState.CONNECTED && free >= JUROR_SLASH;
        return eligible ? owner : address(0);
    }

    function _contains(address[] memory list, address one) private pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == one) return true;
        }
        return false;
    }
}
