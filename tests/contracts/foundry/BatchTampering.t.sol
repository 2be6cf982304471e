// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Messages, Netting} from "../../../contracts/libraries/Messages.sol";
import {Exits} from "./Exits.sol";
import {Party, Task} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A batch moves nothing but what every party of it signed
contract BatchTamperingTest is Exits {
    function test_RelayerCannotFlipAnyBitOfTheBatch() public {
        (bytes memory batch, bytes memory signatures) = _signed(START, _one(1000), 1, 1);
        for (uint256 bit = 0; bit < batch.length * 8; ++bit) {
            _flip(batch, bit);
            _requireRefused(batch, signatures);
            _flip(batch, bit);
        }
        settlement.settleBatch(batch, signatures);
    }

    function test_RelayerCannotFlipAnyBitOfTheSignatures() public {
        (bytes memory batch, bytes memory signatures) = _signed(START, _one(1000), 1, 1);
        for (uint256 bit = 0; bit < signatures.length * 8; ++bit) {
            _flip(signatures, bit);
            _requireRefused(batch, signatures);
            _flip(signatures, bit);
        }
        settlement.settleBatch(batch, signatures);
    }

    function testFuzz_RelayerCannotFlipABitOfALargerBatch(Task[3] memory given, uint256 bit) public {
        Task[] memory tasks = new Task[](3);
        for (uint256 i = 0; i < 3; ++i) {
            tasks[i] = given[i];
            (tasks[i].buyer, tasks[i].node) = (tasks[i].buyer % 3, tasks[i].node % 3);
            tasks[i].offset = uint16((uint256(tasks[i].offset % 16_000) << 2) | i);
        }
        (bytes memory batch, bytes memory signatures) = _signed(START, tasks, 3, 3);
        bytes memory flipped = bit % 2 == 0 ? batch : signatures;
        _flip(flipped, (bit >> 1) % (flipped.length * 8));
        _requireRefused(batch, signatures);
        _flip(flipped, (bit >> 1) % (flipped.length * 8));
        settlement.settleBatch(batch, signatures);
    }

    function test_RelayerCannotFlipAnyBitOfABatchByRootOrOfItsSignatures() public {
        (bytes memory batch, bytes memory signatures) = _rootBatch(START, 1000, 5);
        for (uint256 bit = 0; bit < (batch.length + signatures.length) * 8; ++bit) {
            (bytes memory flipped, uint256 place) =
                bit < batch.length * 8 ? (batch, bit) : (signatures, bit - batch.length * 8);
            _flip(flipped, place);
            _requireRootRefused(batch, signatures);
            _flip(flipped, place);
        }
        settlement.settleRoot(batch, signatures);
    }

    function testFuzz_RelayerCannotFlipABitOfALargerBatchByRoot(uint64 amount, uint256 mask, uint256 bit)
        public
    {
        vm.assume(mask != 0);
        (bytes memory batch, bytes memory signatures) = _rootBatch(START, amount, mask);
        bytes memory flipped = bit % 2 == 0 ? batch : signatures;
        _flip(flipped, (bit >> 1) % (flipped.length * 8));
        _requireRootRefused(batch, signatures);
        _flip(flipped, (bit >> 1) % (flipped.length * 8));
        settlement.settleRoot(batch, signatures);
    }

    function testFuzz_StrangerCannotSignInAnyPartysPlace(uint256 strangerKey, uint8 place) public {
        strangerKey = _within(strangerKey, 0x1000, type(uint128).max);
        (Task[] memory tasks, uint256 position) = (_one(1000), place % 4);
        (bytes memory batch, bytes memory signatures) = _signed(START, tasks, 2, 2);
        bytes memory forged =
            _sign(Party(vm.addr(strangerKey), strangerKey), Messages.hash(Netting(START, keccak256(batch))));
        for (uint256 i = 0; i < 64; ++i) {
            signatures[position * 64 + i] = forged[i];
        }
        _requireRefused(batch, signatures);
    }

    function test_SignatureOfABuyerDoesNotCountForAnotherLedger() public {
        (bytes memory batch, bytes memory signatures) = _signed(START, _one(1000), 1, 1);
        _open(FEE_BASIS_POINTS);
        _requireRefused(batch, signatures);
    }

    function _requireRefused(bytes memory batch, bytes memory signatures) private {
        try settlement.settleBatch(batch, signatures) {
            vm.assertTrue(false, "a changed batch landed");
        } catch (bytes memory reason) {
            vm.assertGe(reason.length, 4, "refused by a typed error");
        }
    }

    function _requireRootRefused(bytes memory batch, bytes memory signatures) private {
        try settlement.settleRoot(batch, signatures) {
            vm.assertTrue(false, "a changed batch landed");
        } catch (bytes memory reason) {
            vm.assertGe(reason.length, 4, "refused by a typed error");
        }
    }

    function _flip(bytes memory data, uint256 bit) private pure {
        data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
    }
}
