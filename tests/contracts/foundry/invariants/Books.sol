// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deployment} from "../Deployment.sol";
import {Parties, Party} from "../Parties.sol";

/// @title A second set of books, kept beside the contracts by the plainest rules
/// @notice Each move notes what was signed; then `watched` compares what the contracts did with it. A move
/// that reverts leaves nothing here either.
abstract contract Books is Deployment {
    uint256 internal constant ACCOUNTS = 4;
    uint256 internal constant NODES = 8;
    uint16 internal constant FEE_BASIS_POINTS = 333;
    uint256 internal constant FUNDS = 1e12;
    /// All serials lie in so many words from the one of `Parties.BASE` on.
    uint256 public constant WORDS = 4;
    uint64 public constant FIRST_WORD = Parties.BASE >> 8;

    Party[] internal accounts;
    Party[] internal nodes;
    Party internal delegate_;
    Party internal operator;

    /// What each account should hold, what it signed away in the move that is under way.
    mapping(address account => uint256) public expectedBalance;
    mapping(address account => uint256) internal _signedAway;
    /// What each account asked to withdraw, and when it may.
    mapping(address account => uint256) internal _thawed;
    mapping(address account => uint256) internal _thawedAt;
    /// What the delegate may still sign away, and until when.
    mapping(address account => uint256) internal _cap;
    mapping(address account => uint256) internal _capExpiry;
    /// The serials of each node that were paid or are claimed, and those that are claimed.
    mapping(address space => mapping(uint256 word => uint256)) public spent;
    mapping(address space => mapping(uint256 word => uint256)) internal _claimed;

    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public donated;
    uint256 public paid;
    uint256 public earned;

    uint256 public unsignedDebits;
    uint256 public epochsFallen;
    uint256 public epochsAhead;
    uint256 public serialsPaidTwice;

    modifier watched() {
        (uint256[] memory balances, uint64[] memory epochs) = _readAccounts();
        _;
        (uint256[] memory balancesNow, uint64[] memory epochsNow) = _readAccounts();
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address account = accounts[i].account;
            if (balancesNow[i] + _signedAway[account] < balances[i]) ++unsignedDebits;
            if (epochsNow[i] < epochs[i]) ++epochsFallen;
            delete _signedAway[account];
        }
    }

    constructor() {
        _deploy(FEE_BASIS_POINTS);
        _keep(accounts, Parties.make(0xB0, ACCOUNTS));
        _keep(nodes, Parties.make(0xA0, NODES));
        (delegate_, operator) = (Parties.make(0xD0, 1)[0], Parties.make(0xE0, 1)[0]);
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            _fund(accounts[i].account, FUNDS);
            expectedBalance[accounts[i].account] = FUNDS;
            if (i < 2) {
                _connect(nodes[i], accounts[i], MINIMUM_STAKE);
                _expectMove(accounts[i].account, address(registry), MINIMUM_STAKE);
            }
        }
        deposited = ACCOUNTS * FUNDS;
    }

    /// @notice Everybody who pays and is paid here.
    function everyPayer() public view returns (address[] memory payers) {
        payers = new address[](ACCOUNTS);
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            payers[i] = accounts[i].account;
        }
    }

    /// @notice Every node that is or may be connected here: serials count in their spaces.
    function everyNode() public view returns (address[] memory every) {
        every = new address[](NODES);
        for (uint256 i = 0; i < NODES; ++i) {
            every[i] = nodes[i].account;
        }
    }

    /// @notice Every account that can hold money here: payers, their reservations, stakes, fees.
    function everyAccount() public view returns (address[] memory every) {
        every = new address[](2 * ACCOUNTS + 2);
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            every[i] = accounts[i].account;
            every[ACCOUNTS + i] = _reservationAccount(i);
        }
        (every[2 * ACCOUNTS], every[2 * ACCOUNTS + 1]) = (address(registry), FEE_RECIPIENT);
    }

    /// @notice What the delegate may still sign away for the account: by these books and by the registry's.
    function capsLeft(address account) external view returns (uint256 expected, uint128 remaining) {
        (remaining,,) = registry.delegationOf(account, delegate_.account);
        return (_cap[account], remaining);
    }

    /// @notice The stakes of all nodes, by the registry's record of each, and the locked parts among them.
    function stakesOfNodes() external view returns (uint256 sum, uint256 lockedSum) {
        for (uint256 i = 0; i < NODES; ++i) {
            (uint88 total, uint88 locked,) = registry.stakeOf(nodes[i].account);
            sum += total;
            lockedSum += locked;
        }
    }

    function _reservationAccount(uint256 who) internal view virtual returns (address);

    /// @dev `amount` leaves the account because `signer` signed; the delegate's counts up to its cap.
    function _signAway(address account, address signer, uint256 amount) internal {
        if (signer == account || _drawOnCap(account, signer, amount)) _signedAway[account] += amount;
    }

    /// @dev Whether the delegate may sign so much for the account; it may sign that much less from now on.
    function _drawOnCap(address account, address signer, uint256 amount) internal returns (bool) {
        if (signer != delegate_.account || _capExpiry[account] < _now()) return false;
        if (_cap[account] < amount) return false;
        _cap[account] -= amount;
        return true;
    }

    /// @dev One payment, as if it were the only one.
    function _pay(address from, address payee, uint256 amount, uint256 fee) internal {
        _expectMove(from, payee, amount - fee);
        _expectMove(from, FEE_RECIPIENT, fee);
        paid += amount;
        earned += amount - fee;
    }

    function _expectMove(address from, address to, uint256 amount) internal {
        expectedBalance[from] -= amount;
        expectedBalance[to] += amount;
    }

    /// @dev These serials of the space were paid, or a claim took them.
    function _spend(address space, uint256 word, uint256 mask) internal {
        if (spent[space][word] & mask != 0) ++serialsPaidTwice;
        spent[space][word] |= mask;
    }

    function _feeOf(uint256 amount) internal pure returns (uint256) {
        return amount * FEE_BASIS_POINTS / 10_000;
    }

    function _readAccounts() private view returns (uint256[] memory balances, uint64[] memory epochs) {
        (balances, epochs) = (new uint256[](ACCOUNTS), new uint64[](ACCOUNTS));
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            (balances[i], epochs[i]) = ledger.accountOf(accounts[i].account);
        }
    }

    function _keep(Party[] storage kept, Party[] memory parties) private {
        for (uint256 i = 0; i < parties.length; ++i) {
            kept.push(parties[i]);
        }
    }
}
