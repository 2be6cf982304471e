// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeState} from "../../../../contracts/interfaces/IGridRegistry.sol";
import {Messages, NodeTerms} from "../../../../contracts/libraries/Messages.sol";
import {Party} from "../Parties.sol";
import {vm} from "../Vm.sol";
import {Books} from "./Books.sol";

/// @title Nodes come and go, the delegate is named and dismissed
abstract contract NodeMoves is Books {
    /// @notice One time in eight another account signs in the owner's place.
    function connect(uint256 which, uint256 owner, uint256 signer, uint256 stake) external watched {
        Party memory account = accounts[owner % ACCOUNTS];
        Party memory signing = signer % 8 == 0 ? accounts[(owner + 1) % ACCOUNTS] : account;
        stake = _within(stake, MINIMUM_STAKE, 1e12);
        NodeTerms memory terms =
            NodeTerms(nodes[which % NODES].account, account.account, 0, uint128(stake), uint64(_now()));
        bytes32 id = Messages.hash(terms);
        bytes memory ownerSignature = _sign(signing, id);
        registry.connect(terms, ownerSignature, _sign(nodes[which % NODES], id));
        if (signing.account == account.account) _signAway(account.account, account.account, stake);
        expectedBalance[account.account] -= stake;
    }

    function drain(uint256 which) external watched {
        address node = nodes[which % NODES].account;
        vm.prank(registry.ownerOf(node));
        registry.drain(node);
    }

    function disconnect(uint256 which) external watched {
        address node = nodes[which % NODES].account;
        vm.prank(registry.ownerOf(node));
        registry.disconnect(node);
    }

    function release(uint256 which) external watched {
        address node = nodes[which % NODES].account;
        (address owner, NodeState state, uint88 stake, uint64 releasableAt) = registry.nodeOf(node);
        registry.release(node);
        if (state == NodeState.UNBONDING && _now() >= releasableAt) expectedBalance[owner] += stake;
    }

    function delegate(uint256 who, uint256 cap, uint256 lifetime) external watched {
        Party memory account = accounts[who % ACCOUNTS];
        (uint128 most, uint64 expiry) =
            (uint128(_within(cap, 0, FUNDS / 4)), uint64(_now() + lifetime % 30 days));
        (,, uint64 nonce) = registry.delegationOf(account.account, delegate_.account);
        _delegate(account, delegate_.account, most, expiry, nonce + 1);
        (_cap[account.account], _capExpiry[account.account]) = (most, expiry);
    }

    function revoke(uint256 who) external watched {
        address account = accounts[who % ACCOUNTS].account;
        vm.prank(account);
        registry.revoke(delegate_.account);
        delete _cap[account];
    }
}
