// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeState, SlashReason} from "../../../../contracts/interfaces/IGridRegistry.sol";
import {Messages, NodeTerms} from "../../../../contracts/libraries/Messages.sol";
import {Party} from "../Parties.sol";
import {vm} from "../Vm.sol";
import {Books} from "./Books.sol";

/// @title Nodes come and go, their stakes grow and shrink, the delegate is named and dismissed
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
        _expectMove(account.account, address(registry), stake);
    }

    function addStake(uint256 which, uint256 amount) external watched {
        address node = nodes[which % NODES].account;
        address owner = registry.ownerOf(node);
        amount = _within(amount, 1, 1e9);
        vm.prank(owner);
        registry.addStake(node, uint88(amount));
        _signAway(owner, owner, amount);
        _expectMove(owner, address(registry), amount);
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
        if (state == NodeState.UNBONDING && _now() >= releasableAt) {
            _expectMove(address(registry), owner, stake);
        }
    }

    /// @notice As the court does when a claim opens or closes. Sometimes more than there is.
    function lockOrUnlock(uint256 which, uint256 amount, bool locks) external watched {
        address node = nodes[which % NODES].account;
        (, uint88 locked, uint88 free) = registry.stakeOf(node);
        amount = _within(amount, 0, uint256(locks ? free : locked) * 5 / 4);
        vm.prank(address(court));
        if (locks) registry.lock(node, uint88(amount));
        else registry.unlock(node, uint88(amount));
    }

    /// @notice As the court does with a liar. More than there is takes what there is.
    function slash(uint256 which, uint256 toWhom, uint256 amount, bool fromLocked) external watched {
        (address node, address to) = (nodes[which % NODES].account, accounts[toWhom % ACCOUNTS].account);
        (, uint88 locked, uint88 free) = registry.stakeOf(node);
        uint256 most = fromLocked ? locked : free;
        amount = _within(amount, 0, most * 5 / 4);
        vm.prank(address(court));
        registry.slash(node, uint88(amount), fromLocked, to, SlashReason.CLAIM_FALSE);
        _expectMove(address(registry), to, amount < most ? amount : most);
    }

    function delegate(uint256 who, uint256 cap, uint256 lifetime) external watched {
        Party memory account = accounts[who % ACCOUNTS];
        (uint128 most, uint64 expiry) =
            (uint128(_within(cap, 0, FUNDS / 4)), uint64(_now() + lifetime % 30 days));
        (,, uint64 nonce) = registry.delegationOf(account.account, delegate_.account);
        _delegate(account, delegate_.account, most, expiry, nonce + 1);
        (_cap[account.account], _capExpiry[account.account]) = (most, expiry);
    }

    /// @notice What was left stays written for claims; nothing new may be signed.
    function revoke(uint256 who) external watched {
        address account = accounts[who % ACCOUNTS].account;
        vm.prank(account);
        registry.revoke(delegate_.account);
        delete _capExpiry[account];
    }
}
