// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deployment} from "./Deployment.sol";
import {Parties, Party, Task} from "./Parties.sol";

/// @title A small market: funded buyers, connected nodes, owners who are buyers too
abstract contract Market is Deployment {
    using Parties for Party[];

    uint256 internal constant BUYERS = 4;
    uint256 internal constant NODES = 4;
    uint16 internal constant FEE_BASIS_POINTS = 333;
    uint128 internal constant FUNDS = 1 << 90;

    Party[] internal buyers;
    Party[] internal nodes;
    Party[] internal owners;

    function setUp() public virtual {
        _open(FEE_BASIS_POINTS);
    }

    function _open(uint16 feeBasisPoints) internal {
        _deploy(feeBasisPoints);
        (buyers, nodes) = (Parties.make(0xB0, BUYERS), Parties.make(0xA0, NODES));
        delete owners;
        (Party memory first, Party memory second) = (buyers[0], Parties.make(0xC0, 1)[0]);
        _fund(second.account, FUNDS);
        for (uint256 i = 0; i < BUYERS; ++i) {
            _fund(buyers[i].account, FUNDS);
        }
        for (uint256 i = 0; i < NODES; ++i) {
            owners.push(i % 2 == 0 ? first : second);
            _connect(nodes[i], owners[i], MINIMUM_STAKE);
        }
    }

    function _settle(uint64 epoch, Task[] memory tasks, uint256 buyerCount, uint256 nodeCount) internal {
        (bytes memory batch, bytes memory signatures) = _signed(epoch, tasks, buyerCount, nodeCount);
        settlement.settleBatch(batch, signatures);
    }

    /// @dev A batch of the first buyers and nodes with everybody's signature.
    function _signed(uint64 epoch, Task[] memory tasks, uint256 buyerCount, uint256 nodeCount)
        internal
        view
        returns (bytes memory batch, bytes memory signatures)
    {
        (Party[] memory payers, Party[] memory paid) = (buyers.first(buyerCount), nodes.first(nodeCount));
        batch = Parties.pack(epoch, payers, paid, owners, tasks);
        signatures = _signAll(epoch, batch, payers, paid);
    }

    function _one(uint64 amount) internal pure returns (Task[] memory tasks) {
        tasks = new Task[](1);
        tasks[0] = Task(0, 0, amount, 7, bytes16(keccak256("receipt")));
    }
}
