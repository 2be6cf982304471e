// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClaimItem} from "../../../contracts/interfaces/IClaimCourt.sol";
import {
    Cancellation,
    Delegation,
    Draw,
    JobOrder,
    Messages,
    NodeTerms,
    Reservation,
    ReservationRelease,
    Statement
} from "../../../contracts/libraries/Messages.sol";
import {CourtHouse, blockVm} from "./CourtHouse.sol";
import {Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title The cheat code that gives an account code
interface CodeVm {
    function etch(address account, bytes calldata code) external;
}

CodeVm constant codeVm = CodeVm(address(vm));

/// @title Every place where an account signs: by key though it has code (EIP-7702), by contract (ERC-1271)
/// asked anew each time, and never by a contract that answers with mischief
/// @notice The bugs: a plain signature that counts no more once the account has code, and an answer that is
/// cached.
contract PlainAndContractSignaturesTest is CourtHouse {
    uint256 private constant PLACES = 9;
    uint256 private constant MISCHIEFS = 6;

    Party private _wallet;
    Party private _spare;

    function setUp() public override {
        super.setUp();
        _spare = _party(0x5A);
    }

    function test_PlainSignatureOfAnAccountWithCodeCountsInEveryPlace() public {
        _wallet = _party(0x77);
        _fund(_wallet.account, FUNDS);
        codeVm.etch(_wallet.account, address(token).code);
        for (uint256 place = 0; place < PLACES; ++place) {
            vm.assertTrue(_tryPlace(place), "refused");
        }
    }

    function test_WalletsAnswerCountsInEveryPlaceAndIsAskedAnewEachTime() public {
        address account = vm.deployCode("KeyWallet.sol", abi.encode(vm.addr(0x77)));
        _wallet = Party(account, 0x77);
        _fund(account, FUNDS);
        for (uint256 place = 0; place < PLACES; ++place) {
            uint256 state = blockVm.snapshotState();
            vm.assertTrue(_tryPlace(place), "refused");
            blockVm.revertToState(state);
            vm.prank(vm.addr(0x77));
            (bool changed,) = account.call(abi.encodeWithSignature("setKey(address)", _spare.account));
            vm.assertTrue(changed, "the wallet's key is another");
            vm.assertFalse(_tryPlace(place), "an old answer counted");
            blockVm.revertToState(state);
        }
    }

    function test_HostileWalletApprovesNothingInAnyPlace() public {
        for (uint256 mischief = 0; mischief < MISCHIEFS; ++mischief) {
            address account = vm.deployCode("HostileWallet.sol", abi.encode(settlement, mischief));
            _wallet = Party(account, 0x77);
            _fund(account, FUNDS);
            for (uint256 place = 0; place < PLACES; ++place) {
                uint256 state = blockVm.snapshotState();
                vm.assertFalse(_tryPlace(place), "a hostile answer counted");
                blockVm.revertToState(state);
            }
        }
    }

    function test_TruncatedAndMalleableSignaturesCountInNoPlace() public {
        _wallet = _party(0x77);
        _fund(_wallet.account, FUNDS);
        for (uint256 place = 0; place < PLACES; ++place) {
            for (uint256 damage = 1; damage <= 4; ++damage) {
                _damage = damage;
                vm.assertFalse(_tryPlace(place), "a damaged signature counted");
            }
            _damage = 0;
            vm.assertTrue(_tryPlace(place), "the whole signature");
        }
    }

    uint256 private _damage;

    /// @dev Whether the wallet's signature counts in this place; what it did stays.
    function _tryPlace(uint256 place) private returns (bool) {
        try this.sign{gas: 20_000_000}(place) {
            return true;
        } catch {
            return false;
        }
    }

    function sign(uint256 place) external {
        if (place == 0) return _asOwner();
        if (place == 1) return _asDelegator();
        if (place == 2) return _asCanceller();
        if (place == 3) return _asReserver();
        if (place == 4) return _asBuyerOfAStatement();
        if (place == 5) return _asBuyerOfAReservedStatement();
        if (place == 6) return _asGuardian(false);
        if (place == 7) return _asGuardian(true);
        _asBuyerAndOperatorOfAClaim();
    }

    function _asOwner() private {
        NodeTerms memory terms = NodeTerms(_spare.account, _wallet.account, 0, STAKE, uint64(_now()));
        bytes32 id = Messages.hash(terms);
        registry.connect(terms, _signed(id), _sign(_spare, id));
    }

    function _asDelegator() private {
        Delegation memory delegation = Delegation(_wallet.account, address(0xDE), 5, uint64(_now()), 1);
        registry.delegateBySignature(delegation, _signed(Messages.hash(delegation)));
    }

    function _asCanceller() private {
        Cancellation memory cancellation = Cancellation(_wallet.account, 99);
        bidding.cancelBySignature(cancellation, _signed(Messages.hash(cancellation)));
    }

    function _asReserver() private {
        JobOrder memory order = _orderOf(20);
        order.budget = 1000;
        bytes32 id = Messages.hash(Reservation(Messages.hash(order), 1000));
        bidding.reserve(order, 1000, _signed(id));
    }

    function _asBuyerOfAStatement() private {
        (Statement memory statement, bytes memory marks) = _statement(_wallet.account, 70);
        bytes32 id = Messages.hash(statement);
        settlement.settleStatement(statement, marks, _signed(id), _sign(node, id));
    }

    function _asBuyerOfAReservedStatement() private {
        JobOrder memory order = _orderOf(21);
        order.budget = 1000;
        vm.prank(_wallet.account);
        bidding.reserve(order, 1000, "");
        (Statement memory statement, bytes memory marks) = _statement(_wallet.account, 71);
        bytes32 id = Messages.hash(statement);
        bytes memory draw = _sign(operator, Messages.hash(Draw(Messages.hash(order), id)));
        settlement.settleReserved(statement, marks, Messages.hash(order), _signed(id), _sign(node, id), draw);
    }

    /// @dev The wallet is another buyer's operator: it gives money back early, or lets a statement be drawn.
    function _asGuardian(bool draws) private {
        JobOrder memory order = _order();
        (order.operator, order.nonce, order.budget) = (_wallet.account, draws ? 22 : 23, 1000);
        bytes32 id = Messages.hash(order);
        vm.prank(buyer.account);
        bidding.reserve(order, 1000, "");
        if (!draws) {
            ReservationRelease memory released = ReservationRelease(id, 10);
            return bidding.releaseEarly(released, _signed(Messages.hash(released)));
        }
        (Statement memory statement, bytes memory marks) = _statement(buyer.account, 72);
        bytes32 hash = Messages.hash(statement);
        bytes memory draw = _signed(Messages.hash(Draw(id, hash)));
        settlement.settleReserved(statement, marks, id, _sign(buyer, hash), _sign(node, hash), draw);
    }

    /// @dev The wallet's signature stands twice: under the order and under the lease.
    function _asBuyerAndOperatorOfAClaim() private {
        JobOrder memory order = _orderOf(24);
        order.operator = _wallet.account;
        ClaimItem[] memory items = new ClaimItem[](1);
        items[0] = _item(order, 0, 73, _usage());
        items[0].operatorSignature = _signed(items[0].receipt.lease);
        bytes memory signature = _signed(Messages.hash(order));
        vm.prank(node.account);
        court.openClaims(order, signature, items);
    }

    function _orderOf(uint256 nonce) private view returns (JobOrder memory order) {
        order = _order();
        (order.buyer, order.nonce) = (_wallet.account, nonce);
    }

    /// @dev By the wallet's key; whole, cut short, longer by a byte, its malleable twin, or empty.
    function _signed(bytes32 id) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_wallet.key, _digest(id));
        bytes memory whole = abi.encodePacked(r, s, v);
        if (_damage == 1) return abi.encodePacked(r, bytes31(s));
        if (_damage == 2) return bytes.concat(whole, hex"00");
        bytes32 twin =
            bytes32(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - uint256(s));
        if (_damage == 3) return abi.encodePacked(r, twin, v == 27 ? 28 : 27);
        if (_damage == 4) return "";
        return whole;
    }

    function _statement(address payer, uint64 serial)
        private
        view
        returns (Statement memory statement, bytes memory marks)
    {
        marks = abi.encodePacked(serial >> 8, uint256(1) << (serial & 255));
        statement = Statement(payer, node.account, owner.account, 5, 1, keccak256("root"), keccak256(marks));
    }
}
