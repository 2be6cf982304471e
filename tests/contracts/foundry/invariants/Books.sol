// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deployment} from "../Deployment.sol";
import {Parties, Party, Task} from "../Parties.sol";

/// @title A second set of books, kept beside the contracts by the plainest rules
/// @notice Each move notes what was signed; then `watched` compares what the contracts did with it. A move
/// that reverts leaves nothing here either.
abstract contract Books is Deployment {
    uint256 internal constant ACCOUNTS = 4;
    uint256 internal constant NODES = 8;
    uint16 internal constant FEE_BASIS_POINTS = 333;
    uint256 internal constant FUNDS = 1e12;

    Party[] internal accounts;
    Party[] internal nodes;
    Party internal delegate_;

    /// What each account should hold, what it signed away in the move that is under way.
    mapping(address account => uint256) public expectedBalance;
    mapping(address account => uint256) internal _signedAway;
    /// What each account asked to withdraw, and when it may.
    mapping(address account => uint256) internal _thawed;
    mapping(address account => uint256) internal _thawedAt;
    /// What the delegate may still sign away, and until when.
    mapping(address account => uint256) internal _cap;
    mapping(address account => uint64) internal _capExpiry;
    /// What each pair has settled by statements.
    mapping(address buyer => mapping(address node => uint128)) internal _settled;

    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public donated;
    uint256 public paid;
    uint256 public earned;

    uint256 public unsignedDebits;
    uint256 public epochsFallen;

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
        delegate_ = Parties.make(0xD0, 1)[0];
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            _fund(accounts[i].account, FUNDS);
            expectedBalance[accounts[i].account] = FUNDS - (i < 2 ? MINIMUM_STAKE : 0);
            if (i < 2) _connect(nodes[i], accounts[i], MINIMUM_STAKE);
        }
        deposited = ACCOUNTS * FUNDS;
    }

    /// @notice Every account that can hold money here.
    function everyAccount() public view returns (address[] memory every) {
        every = new address[](ACCOUNTS + 1);
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            every[i] = accounts[i].account;
        }
        every[ACCOUNTS] = FEE_RECIPIENT;
    }

    /// @notice What the delegate may still sign away for the account: by these books and by the registry's.
    function capsLeft(address account) external view returns (uint256 expected, uint128 remaining) {
        (remaining,,) = registry.delegationOf(account, delegate_.account);
        return (_cap[account], remaining);
    }

    /// @notice The stakes of all nodes of `owner`, by the registry's record of each node.
    function stakesOfNodes(address owner) external view returns (uint256 sum) {
        for (uint256 i = 0; i < NODES; ++i) {
            (address nodeOwner,, uint88 stake,) = registry.nodeOf(nodes[i].account);
            if (nodeOwner == owner) sum += stake;
        }
    }

    /// @dev `amount` leaves the account because `signer` signed; the delegate's counts up to its cap.
    function _signAway(address account, address signer, uint256 amount) internal {
        if (signer == account) {
            _signedAway[account] += amount;
        } else if (signer == delegate_.account && _capExpiry[account] >= _now() && _cap[account] >= amount) {
            _cap[account] -= amount;
            _signedAway[account] += amount;
        }
    }

    /// @dev One task or statement, as if it were the only one.
    function _pay(address buyer, address node, uint256 amount) internal {
        uint256 fee = amount * FEE_BASIS_POINTS / 10_000;
        expectedBalance[buyer] -= amount;
        expectedBalance[registry.ownerOf(node)] += amount - fee;
        expectedBalance[FEE_RECIPIENT] += fee;
        paid += amount;
        earned += amount - fee;
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
