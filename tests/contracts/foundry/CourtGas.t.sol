// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Challenge, Claim, ClaimItem, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {JobOrder, Messages, VerdictSeal} from "../../../contracts/libraries/Messages.sol";
import {CourtHouse, Finding, blockVm} from "./CourtHouse.sol";
import {vm} from "./Vm.sol";

/// @title What claims and disputes cost, pinned in snapshots/court.json
/// @dev Run with --isolate, so that each call is a transaction with its intrinsic and calldata gas.
contract CourtGasTest is CourtHouse {
    Claim private _claim;
    Challenge private _made;
    bytes32 private _dispute;

    function test_GasOfAClaim() public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 0, _usage());
        ClaimItem[] memory items = new ClaimItem[](1);
        items[0] = item;
        bytes memory signature = _sign(buyer, Messages.hash(order));
        Claim memory claim = _claimOf(item, buyer.account);
        vm.prank(node.account);
        court.openClaims(order, signature, items);
        blockVm.snapshotGasLastCall("court", "claim");
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        court.closeClaim(claim);
        blockVm.snapshotGasLastCall("court", "close claim");
    }

    /// Who draws lands the seals that the jurors signed; who opens last lands the openings that they
    /// published.
    function test_GasOfAWholeDisputeBeforeThree() public {
        uint256 total = _gasUntilSealed();
        _waitForOpening(_dispute, 0);
        bytes[] memory calls = new bytes[](3);
        for (uint256 seat = 0; seat < 3; ++seat) {
            calls[seat] = _opening(seat);
        }
        Multicall(address(court)).multicall(calls);
        total += _snapshot("open three verdicts");
        _waitForEnd(_dispute, 0, _rules().appealSeconds);
        court.resolve(_claim, _made);
        total += _snapshot("resolve");
        blockVm.snapshotValue("court", "dispute of three", total);
        vm.assertLe(total, 450_000, "gas of a dispute");
    }

    function test_GasOfADisputeWithNineTransactions() public {
        uint256 total = _gasOfChallenge();
        court.draw(_claim, _made);
        total += _snapshot("draw");
        for (uint256 seat = 0; seat < 3; ++seat) {
            _seal(_dispute, 0, seat, _right());
            total += _snapshot("commit");
        }
        _waitForOpening(_dispute, 0);
        for (uint256 seat = 0; seat < 3; ++seat) {
            _show(_dispute, 0, seat, _right());
            total += _snapshot("open verdict");
        }
        _waitForEnd(_dispute, 0, _rules().appealSeconds);
        court.resolve(_claim, _made);
        total += _snapshot("resolve");
        blockVm.snapshotValue("court", "dispute of three in nine transactions", total);
    }

    /// @dev Who will be drawn is public once the seed's block is there, so the jurors sign before the draw.
    function _gasUntilSealed() private returns (uint256 total) {
        total = _gasOfChallenge();
        uint256 state = blockVm.snapshotState();
        court.draw(_claim, _made);
        bytes[] memory calls = new bytes[](4);
        for (uint8 seat = 0; seat < 3; ++seat) {
            calls[seat + 1] = _sealing(seat);
        }
        blockVm.revertToState(state);
        calls[0] = abi.encodeCall(IClaimCourt.draw, (_claim, _made));
        Multicall(address(court)).multicall(calls);
        total += _snapshot("draw and three seals");
    }

    function _sealing(uint8 seat) private view returns (bytes memory) {
        bytes32 verdict = keccak256(abi.encode(_dispute, 0, uint256(seat), _work(_right()), SALT));
        VerdictSeal memory sealed_ = VerdictSeal(_dispute, 0, seat, verdict);
        bytes memory signature = _sign(jurorNodes[_seat(_dispute, 0, seat)], Messages.hash(sealed_));
        return abi.encodeCall(IClaimCourt.commitVerdictBySignature, (sealed_, signature));
    }

    /// @dev A new claim and its challenge, at a block whose hash draws three of three tries, as in a large
    /// fleet.
    function _gasOfChallenge() private returns (uint256 total) {
        _claim = _openOne(9);
        uint256 named = blockVm.getBlockNumber() + 4;
        _made = _challenge(_claim);
        total = _snapshot("challenge");
        _dispute = court.disputeOf(_claim, _made);
        blockVm.roll(named + 1);
        blockVm.setBlockhash(named, _luckyHash());
    }

    function _luckyHash() private view returns (bytes32 hash) {
        for (uint256 i = 1; i < 1000; ++i) {
            hash = bytes32(i);
            bytes32 seed = keccak256(abi.encode(hash, _dispute, 0));
            uint256[3] memory places;
            for (uint256 j = 0; j < 3; ++j) {
                places[j] = uint256(keccak256(abi.encode(seed, j))) % _made.nodeCount;
            }
            bool distinct = places[0] != places[1] && places[1] != places[2] && places[0] != places[2];
            if (distinct && places[0] * places[1] * places[2] != 0) return hash;
        }
    }

    /// @dev What the last call cost as a transaction, with what clearing storage gave back.
    function _snapshot(string memory name) private returns (uint256) {
        return blockVm.snapshotGasLastCall("court", name);
    }

    function _opening(uint256 seat) private view returns (bytes memory) {
        Finding memory finding = _right();
        return abi.encodeCall(
            IClaimCourt.openVerdict, (_dispute, 0, seat, finding.outcome, finding.result, finding.usage, SALT)
        );
    }
}
