// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim, ClaimItem} from "../../../contracts/interfaces/IClaimCourt.sol";
import {
    JobOrder,
    Lease,
    Limits,
    Messages,
    Prices,
    Receipt,
    Usage
} from "../../../contracts/libraries/Messages.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// What forge tells of the last call.
struct LastGas {
    uint64 gasLimit;
    uint64 gasTotalUsed;
    uint64 gasMemoryUsed;
    int64 gasRefunded;
    uint64 gasRemaining;
}

/// @title The cheat codes of forge that only the court's tests use
interface BlockVm {
    function expectRevert() external;
    function getBlockNumber() external view returns (uint256);
    function lastCallGas() external view returns (LastGas memory);
    function roll(uint256 number) external;
    function setBlockhash(uint256 number, bytes32 hash) external;
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
    function snapshotState() external returns (uint256);
    function revertToState(uint256 state) external returns (bool);
}

BlockVm constant blockVm = BlockVm(address(vm));

/// What a juror found.
struct Finding {
    uint8 outcome;
    bytes32 result;
    Usage usage;
}

/// @title A buyer, a node that claims, a challenger, and a fleet of other owners who may judge
abstract contract CourtHouse is Deployment {
    uint256 internal constant JURORS = 14;
    uint128 internal constant STAKE = 100_000;
    uint128 internal constant FUNDS = 1 << 90;
    uint128 internal constant BUDGET = 1 << 80;
    bytes32 internal constant SALT = keccak256("salt");
    address internal constant BURNED = 0x000000000000000000000000000000000000dEaD;

    Party internal buyer;
    Party internal operator;
    Party internal node;
    Party internal owner;
    Party internal challenger;
    Party[] internal jurors;
    Party[] internal jurorNodes;

    function setUp() public virtual {
        _deploy(0);
        blockVm.roll(1000);
        _name();
        _fund(buyer.account, FUNDS);
        _fund(owner.account, FUNDS);
        _fund(challenger.account, FUNDS);
        _connect(node, owner, STAKE);
        for (uint256 i = 0; i < JURORS; ++i) {
            _addJuror(0x1000 + i, 0x2000 + i);
        }
        vm.warp(START + 1 days);
    }

    function _name() private {
        (buyer, operator) = (_party(0xB0), _party(0xD0));
        (node, owner, challenger) = (_party(0xA0), _party(0xC0), _party(0xE0));
    }

    function _addJuror(uint256 ownerKey, uint256 nodeKey) internal {
        (Party memory juror, Party memory key) = (_party(ownerKey), _party(nodeKey));
        _fund(juror.account, 2 * STAKE);
        _connect(key, juror, STAKE);
        jurors.push(juror);
        jurorNodes.push(key);
    }

    function _party(uint256 key) internal pure returns (Party memory) {
        return Party(vm.addr(key), key);
    }

    function _order() internal view returns (JobOrder memory order) {
        order.buyer = buyer.account;
        order.operator = operator.account;
        order.specRoot = _root();
        (order.tasks, order.policy, order.replicas) = (2, 1, 2);
        order.budget = BUDGET;
        order.maximumPrices = Prices(2_000_000, 300_000, 40_000, 50_000);
        order.limits = Limits(1e12, 1 << 30, 1 << 30, 1 << 30, 60);
        (order.deadline, order.nonce) = (START + 2 days, 7);
    }

    function _usage() internal pure returns (Usage memory) {
        return Usage(5_000_000_001, 123_456_789, 1_048_577, 77);
    }

    /// @dev Task `task`, priced at three quarters of the order's prices, with every signature.
    function _item(JobOrder memory order, uint32 task, uint64 serial, Usage memory usage)
        internal
        view
        returns (ClaimItem memory item)
    {
        item.lease.order = Messages.hash(order);
        (item.lease.task, item.lease.serial, item.lease.epoch) = (task, serial, 1);
        (item.lease.spec, item.lease.node) = (_spec(task), node.account);
        item.lease.prices = Prices(1_500_000, 225_000, 30_000, 37_500);
        (item.lease.minimumCharge, item.lease.cap) = (11, type(uint128).max);
        item.lease.deadline = order.deadline;
        item.receipt.result = keccak256("result");
        item.receipt.usage = usage;
        item.receipt.amount = _charge(item.lease, usage);
        item.specProof = new bytes32[](1);
        item.specProof[0] = _leaf(1 - task);
        _signItem(item);
    }

    function _signItem(ClaimItem memory item) internal view {
        item.receipt.lease = Messages.hash(item.lease);
        item.operatorSignature = _sign(operator, item.receipt.lease);
        item.nodeSignature = _sign(node, Messages.hash(item.receipt));
    }

    /// @dev The formula of `suanli/protocol/units.charge`, by another hand.
    function _charge(Lease memory lease, Usage memory usage) internal pure returns (uint128) {
        uint256 micro = (uint256(lease.prices.fuel) * usage.fuel + 1e9 - 1) / 1e9;
        micro += (uint256(lease.prices.memoryFuel) * usage.memoryFuel + 1_024_000 - 1) / 1_024_000;
        micro += (uint256(lease.prices.ingress) * usage.ingress + 1_048_575) / 1_048_576;
        micro += (uint256(lease.prices.egress) * usage.egress + 1_048_575) / 1_048_576;
        uint256 atoms = (micro + 999_999) / 1e6;
        return uint128(atoms < lease.minimumCharge ? lease.minimumCharge : atoms);
    }

    function _spec(uint32 task) internal pure returns (bytes32) {
        return keccak256(abi.encode("task", task));
    }

    function _leaf(uint32 task) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(task, _spec(task)))));
    }

    function _root() internal pure returns (bytes32) {
        (bytes32 a, bytes32 b) = (_leaf(0), _leaf(1));
        return keccak256(a < b ? abi.encode(a, b) : abi.encode(b, a));
    }

    /// @dev The claim that the court opens now for an item, paid by `payer`.
    function _claimOf(ClaimItem memory item, address payer) internal view returns (Claim memory claim) {
        (claim.id, claim.order, claim.task) = (item.receipt.lease, item.lease.order, item.lease.task);
        (claim.node, claim.buyer, claim.payer) = (item.lease.node, buyer.account, payer);
        (claim.serial, claim.amount) = (item.lease.serial, item.receipt.amount);
        claim.openedAt = uint64(_now());
        claim.work = _work(Finding(item.receipt.outcome, item.receipt.result, item.receipt.usage));
    }

    function _open(JobOrder memory order, ClaimItem memory item) internal {
        _openAs(node.account, order, _sign(buyer, Messages.hash(order)), item);
    }

    function _openAs(address caller, JobOrder memory order, bytes memory signature, ClaimItem memory item)
        internal
    {
        ClaimItem[] memory items = new ClaimItem[](1);
        items[0] = item;
        vm.prank(caller);
        court.openClaims(order, signature, items);
    }

    /// @dev A claim on task 0 by serial `serial`, open since now.
    function _openOne(uint64 serial) internal returns (Claim memory claim) {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, serial, _usage());
        claim = _claimOf(item, buyer.account);
        _open(order, item);
    }

    function _challenge(Claim memory claim) internal returns (Challenge memory made) {
        made = Challenge(
            challenger.account, uint64(_now()), uint64(blockVm.getBlockNumber()), uint64(registry.nodeCount())
        );
        vm.prank(challenger.account);
        court.challenge(claim);
    }

    function _draw(Claim memory claim, Challenge memory made) internal {
        blockVm.roll(blockVm.getBlockNumber() + _rules().seedDelayBlocks + 1);
        court.draw(claim, made);
    }

    /// @dev The juror in a seat: its place in `jurors` and `jurorNodes`; the claimant's node is first of all.
    function _seat(bytes32 dispute, uint256 round, uint256 seat) internal view returns (uint256) {
        (, uint256 panel) = court.panelOf(dispute, round);
        return uint32(panel >> (32 * seat)) - 1;
    }

    function _seal(bytes32 dispute, uint256 round, uint256 seat, Finding memory finding) internal {
        bytes32 verdict = keccak256(abi.encode(dispute, round, seat, _work(finding), SALT));
        vm.prank(jurorNodes[_seat(dispute, round, seat)].account);
        court.commitVerdict(dispute, round, seat, verdict);
    }

    function _show(bytes32 dispute, uint256 round, uint256 seat, Finding memory finding) internal {
        court.openVerdict(dispute, round, seat, finding.outcome, finding.result, finding.usage, SALT);
    }

    function _waitForOpening(bytes32 dispute, uint256 round) internal {
        (uint64 drawnAt,) = court.panelOf(dispute, round);
        vm.warp(drawnAt + _rules().commitSeconds + 1);
    }

    /// @dev After the opening of a round's verdicts; `extra` more seconds.
    function _waitForEnd(bytes32 dispute, uint256 round, uint256 extra) internal {
        (uint64 drawnAt,) = court.panelOf(dispute, round);
        vm.warp(drawnAt + _rules().commitSeconds + _rules().openSeconds + 1 + extra);
    }

    /// @dev The first `findings.length` seats judge so; the others stay away.
    function _judge(bytes32 dispute, uint256 round, Finding[] memory findings) internal {
        for (uint256 seat = 0; seat < findings.length; ++seat) {
            _seal(dispute, round, seat, findings[seat]);
        }
        _waitForOpening(dispute, round);
        for (uint256 seat = 0; seat < findings.length; ++seat) {
            _show(dispute, round, seat, findings[seat]);
        }
    }

    /// @dev What the receipt says.
    function _right() internal pure returns (Finding memory) {
        return Finding(0, keccak256("result"), _usage());
    }

    function _wrong() internal pure returns (Finding memory) {
        return Finding(0, keccak256("another result"), _usage());
    }

    function _away() internal pure returns (Finding memory) {
        return Finding(2, 0, Usage(0, 0, 0, 0));
    }

    function _three(Finding memory a, Finding memory b, Finding memory c)
        internal
        pure
        returns (Finding[] memory findings)
    {
        findings = new Finding[](3);
        (findings[0], findings[1], findings[2]) = (a, b, c);
    }

    function _work(Finding memory finding) internal pure returns (bytes32) {
        return keccak256(abi.encode(finding.outcome, finding.result, finding.usage));
    }

    function _stake(address account) internal view returns (uint256 total) {
        (total,,) = registry.stakeOf(account);
    }
}
