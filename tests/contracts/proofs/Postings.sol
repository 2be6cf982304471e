// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Posting, Postings} from "../../../contracts/libraries/Postings.sol";

/// @title For every account and amount: a line of a batch tells both again
contract PostingsProof {
    function check_LinesKeepAccountsAndAmounts(
        address[3] memory holders,
        address last,
        uint96[4] memory amounts
    ) external pure {
        address[] memory accounts = new address[](3);
        uint256[] memory sums = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            if (i < 3) accounts[i] = holders[i];
            sums[i] = amounts[i];
        }
        Posting[] memory lines = Postings.post(accounts, last, sums);
        assert(lines.length == 4);
        for (uint256 i = 0; i < 4; ++i) {
            assert(lines[i].account() == (i < 3 ? holders[i] : last));
            assert(lines[i].amount() == amounts[i]);
        }
    }

    function check_CalldataIsReadWhereItStands(Posting[] calldata lines, uint256 position) external pure {
        if (position >= lines.length) return;
        assert(Posting.unwrap(Postings.read(lines, position)) == Posting.unwrap(lines[position]));
    }
}
