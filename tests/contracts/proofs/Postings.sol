// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Posting, Postings} from "../../../contracts/libraries/Postings.sol";

/// @title For every account and amount: a line of a batch tells both again, and lists add up
contract PostingsProof {
    using Postings for Posting[];

    function check_LineKeepsAccountAndAmountOrIsRefused(address account, uint128 amount) external view {
        try this.one(account, amount) returns (Posting[] memory lines) {
            assert(lines.length == 1 && amount <= type(uint96).max);
            assert(lines[0].account() == account && lines[0].amount() == amount);
        } catch {
            assert(amount > type(uint96).max);
        }
    }

    function check_IncreaseAddsToOneLineAndLeavesItsAccountAndTheOthers(
        address[2] memory accounts,
        uint96[2] memory amounts,
        uint96 more
    ) external pure {
        if (uint256(amounts[1]) + more > type(uint96).max) return;
        Posting[] memory lines = _lines(accounts, amounts);
        lines.increase(1, more);
        assert(lines.get(0).account() == accounts[0] && lines.get(0).amount() == amounts[0]);
        assert(lines.get(1).account() == accounts[1]);
        assert(lines.get(1).amount() == uint256(amounts[1]) + more);
    }

    function check_AppendedLineStandsLastAndTheTotalIsTheSum(
        address[2] memory accounts,
        uint96[2] memory amounts,
        address last,
        uint96 amount
    ) external pure {
        Posting[] memory lines = _lines(accounts, amounts);
        lines.append(last, amount);
        assert(lines.length == 3);
        assert(lines[2].account() == last && lines[2].amount() == amount);
        assert(lines.total() == uint256(amounts[0]) + amounts[1] + amount);
    }

    function check_CalldataIsReadWhereItStands(Posting[] calldata lines, uint256 position) external pure {
        if (position >= lines.length) return;
        assert(Posting.unwrap(Postings.read(lines, position)) == Posting.unwrap(lines[position]));
    }

    function one(address account, uint128 amount) external pure returns (Posting[] memory) {
        return Postings.one(account, amount);
    }

    /// @dev Two lines, and room for a third behind them.
    function _lines(address[2] memory accounts, uint96[2] memory amounts)
        private
        pure
        returns (Posting[] memory lines)
    {
        lines = new Posting[](3);
        for (uint256 i = 0; i < 2; ++i) {
            lines[i] = Posting.wrap((uint256(uint160(accounts[i])) << 96) | amounts[i]);
        }
        assembly ("memory-safe") {
            mstore(lines, 2)
        }
    }
}
