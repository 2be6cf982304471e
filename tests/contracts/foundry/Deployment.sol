// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Delegation, Messages, Netting, NodeTerms, Statement} from "../../../contracts/libraries/Messages.sol";
import {SuanliDomain} from "../../../contracts/libraries/SuanliDomain.sol";
import {MintableToken} from "./MintableToken.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title The real contracts, wired as in a deployment, and the signatures they ask for
/// @dev Made from their artifacts, so that not every test is compiled with all of them inside.
abstract contract Deployment {
    using Parties for Party[];

    uint64 internal constant START = 1_800_000_000;
    uint64 internal constant THAW_SECONDS = 3 days;
    uint64 internal constant UNBONDING_SECONDS = 7 days;
    uint88 internal constant MINIMUM_STAKE = 1000;
    address internal constant FEE_RECIPIENT = address(uint160(uint256(keccak256("fee recipient"))));

    MintableToken public token;
    ILedger public ledger;
    IGridRegistry public registry;
    ISettlement public settlement;

    function _deploy(uint16 feeBasisPoints) internal {
        vm.warp(START);
        token = MintableToken(vm.deployCode("MintableToken.sol"));
        uint64 nonce = vm.getNonce(address(this));
        address registryAt = vm.computeCreateAddress(address(this), nonce + 1);
        address settlementAt = vm.computeCreateAddress(address(this), nonce + 2);
        bytes memory arguments = abi.encode(token, registryAt, settlementAt, THAW_SECONDS);
        ledger = ILedger(vm.deployCode("Ledger.sol", arguments));
        arguments = abi.encode(ledger, settlementAt, MINIMUM_STAKE, UNBONDING_SECONDS);
        registry = IGridRegistry(vm.deployCode("GridRegistry.sol", arguments));
        arguments = abi.encode(ledger, registry, FEE_RECIPIENT, feeBasisPoints);
        settlement = ISettlement(vm.deployCode("Settlement.sol", arguments));
    }

    /// @dev New tokens from the account's wallet into its Ledger account.
    function _fund(address account, uint256 amount) internal {
        token.mint(account, amount);
        vm.prank(account);
        token.approve(address(ledger), amount);
        vm.prank(account);
        ledger.deposit(account, amount);
    }

    function _connect(Party memory node, Party memory owner, uint128 stake) internal {
        NodeTerms memory terms = NodeTerms(node.account, owner.account, 0, stake, uint64(_now()));
        bytes32 id = Messages.hash(terms);
        registry.connect(terms, _sign(owner, id), _sign(node, id));
    }

    function _delegate(Party memory account, address delegate, uint128 cap, uint64 expiry, uint64 nonce)
        internal
    {
        Delegation memory delegation = Delegation(account.account, delegate, cap, expiry, nonce);
        registry.delegateBySignature(delegation, _sign(account, Messages.hash(delegation)));
    }

    /// @dev A statement with both signatures, the buyer's by `signer`.
    function _settleStatement(Statement memory statement, Party memory signer, Party memory node) internal {
        bytes32 id = Messages.hash(statement);
        (bytes memory buyerSignature, bytes memory nodeSignature) = (_sign(signer, id), _sign(node, id));
        settlement.settleStatement(statement, buyerSignature, nodeSignature);
    }

    /// @dev 64 bytes (EIP-2098) over the message with this struct hash.
    function _sign(Party memory signer, bytes32 structHash) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(signer.key, _digest(structHash));
        return abi.encodePacked(r, vs);
    }

    /// @dev The signatures of a batch: each party's, buyers first.
    function _signAll(uint64 epoch, bytes memory batch, Party[] memory buyers, Party[] memory nodes)
        internal
        view
        returns (bytes memory signatures)
    {
        bytes32 id = Messages.hash(Netting(epoch, keccak256(batch)));
        for (uint256 i = 0; i < buyers.length; ++i) {
            signatures = bytes.concat(signatures, _sign(buyers[i], id));
        }
        for (uint256 i = 0; i < nodes.length; ++i) {
            signatures = bytes.concat(signatures, _sign(nodes[i], id));
        }
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(
            abi.encodePacked(hex"1901", SuanliDomain(address(settlement)).domainSeparator(), structHash)
        );
    }

    function _balance(address account) internal view returns (uint256) {
        (uint128 balance,) = ledger.accountOf(account);
        return balance;
    }

    function _epoch(address account) internal view returns (uint64 epoch) {
        (, epoch) = ledger.accountOf(account);
    }

    /// @dev Not block.timestamp: the compiler may take it for constant within one call.
    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function _within(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return most - least == type(uint256).max ? value : least + value % (most - least + 1);
    }
}
