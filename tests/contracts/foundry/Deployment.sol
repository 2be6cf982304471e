// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authority} from "../../../contracts/Authority.sol";
import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {CourtRules, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {IEpochAnchors} from "../../../contracts/interfaces/IEpochAnchors.sol";
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
    uint64 internal constant MODULE_DELAY_SECONDS = 20 days;
    uint32 internal constant GOVERNOR_DELAY_SECONDS = 2 days;
    uint64 internal constant CLAIM_GRACE_SECONDS = 1 days;
    uint64 internal constant ANCHOR_GRACE_SECONDS = 1 hours;
    uint128 internal constant OPERATOR_BOND = 1_000_000;
    uint88 internal constant MINIMUM_STAKE = 1000;
    address internal constant FEE_RECIPIENT = address(uint160(uint256(keccak256("fee recipient"))));
    address internal constant GOVERNOR = address(uint160(uint256(keccak256("governor"))));
    address internal constant PAUSER = address(uint160(uint256(keccak256("pauser"))));

    MintableToken public token;
    Authority public authority;
    ILedger public ledger;
    IGridRegistry public registry;
    ISettlement public settlement;
    IBidding public bidding;
    IEpochAnchors public anchors;
    IClaimCourt public court;

    function _deploy(uint16 feeBasisPoints) internal {
        vm.warp(START);
        token = MintableToken(vm.deployCode("MintableToken.sol"));
        _foretell();
        _create("Authority.sol", _authorityArguments(), address(authority));
        address[] memory modules = new address[](3);
        (modules[0], modules[1], modules[2]) = (address(bidding), address(anchors), address(court));
        bytes memory arguments =
            abi.encode(token, authority, registry, settlement, modules, THAW_SECONDS, MODULE_DELAY_SECONDS);
        _create("Ledger.sol", arguments, address(ledger));
        arguments = abi.encode(ledger, authority, settlement, court, MINIMUM_STAKE, UNBONDING_SECONDS);
        _create("GridRegistry.sol", arguments, address(registry));
        arguments = abi.encode(ledger, registry, bidding, court, FEE_RECIPIENT, feeBasisPoints);
        _create("Settlement.sol", arguments, address(settlement));
        arguments = abi.encode(ledger, registry, court, authority, CLAIM_GRACE_SECONDS);
        _create("Bidding.sol", arguments, address(bidding));
        arguments = abi.encode(ledger, authority, OPERATOR_BOND, ANCHOR_GRACE_SECONDS, UNBONDING_SECONDS);
        _create("EpochAnchors.sol", arguments, address(anchors));
        arguments = abi.encode(ledger, registry, settlement, bidding, _rules());
        _create("ClaimCourt.sol", arguments, address(court));
    }

    /// @dev The parts name each other by addresses that they will have.
    function _foretell() private {
        uint64 nonce = vm.getNonce(address(this));
        address[7] memory made;
        for (uint256 i = 0; i < made.length; ++i) {
            made[i] = vm.computeCreateAddress(address(this), nonce + i);
        }
        (authority, ledger, registry) = (Authority(made[0]), ILedger(made[1]), IGridRegistry(made[2]));
        (settlement, bidding) = (ISettlement(made[3]), IBidding(made[4]));
        (anchors, court) = (IEpochAnchors(made[5]), IClaimCourt(made[6]));
    }

    function _authorityArguments() private view returns (bytes memory) {
        address[] memory pausable = new address[](4);
        (pausable[0], pausable[1]) = (address(ledger), address(registry));
        (pausable[2], pausable[3]) = (address(bidding), address(anchors));
        return abi.encode(GOVERNOR, GOVERNOR_DELAY_SECONDS, PAUSER, ledger, pausable);
    }

    /// @dev The longest dispute lasts 6 hours: a fourth of the claim grace.
    function _rules() internal pure returns (CourtRules memory) {
        return CourtRules({
            claimWindowSeconds: 1 hours,
            drawSeconds: 30 minutes,
            commitSeconds: 1 hours,
            openSeconds: 30 minutes,
            appealSeconds: 1 hours,
            seedDelayBlocks: 4,
            claimBond: 500,
            challengeBond: 500,
            appealBond: 1000,
            jurorSlash: 500,
            jurorFee: 50
        });
    }

    function _create(string memory artifact, bytes memory arguments, address foretold) private {
        vm.assertTrue(vm.deployCode(artifact, arguments) == foretold, artifact);
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
    function _settleStatement(
        Statement memory statement,
        bytes memory marks,
        Party memory signer,
        Party memory node
    ) internal {
        bytes32 id = Messages.hash(statement);
        (bytes memory byBuyer, bytes memory byNode) = (_sign(signer, id), _sign(node, id));
        settlement.settleStatement(statement, marks, byBuyer, byNode);
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
        return
            keccak256(
                abi.encodePacked(hex"1901", SuanliDomain(address(registry)).domainSeparator(), structHash)
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
