// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessagesHarness} from "../../../contracts/test/MessagesHarness.sol";
import {vm} from "./Vm.sol";

/// @title The domain belongs to one deployment on one chain, also after the chain has split
contract DomainTest {
    function testFuzz_DomainFollowsChainAndLedger(uint64 before, uint64 later, address ledger) external {
        vm.assume(before != later);
        vm.chainId(before);
        MessagesHarness harness = new MessagesHarness(ledger);
        vm.assertTrue(harness.domainSeparator() == _separator(before, ledger), "where it was made");
        vm.chainId(later);
        vm.assertTrue(harness.domainSeparator() == _separator(later, ledger), "after a fork");
        vm.chainId(before);
        vm.assertTrue(harness.domainSeparator() == _separator(before, ledger), "and back");
    }

    function testFuzz_DigestOfOneChainIsNoneOfAnother(uint64 before, uint64 later, bytes32 structHash)
        external
    {
        vm.assume(before != later);
        vm.chainId(before);
        MessagesHarness harness = new MessagesHarness(address(this));
        bytes32 digest = harness.digest(structHash);
        vm.chainId(later);
        vm.assertTrue(harness.digest(structHash) != digest, "digests differ");
    }

    function _separator(uint256 chainId, address ledger) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Suanli"),
                keccak256("1"),
                chainId,
                ledger
            )
        );
    }
}
