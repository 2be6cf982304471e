// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JobOrder, Lease, Receipt, Usage, VerdictSeal} from "../libraries/Messages.sol";
import {IBidding} from "./IBidding.sol";
import {IGridRegistry} from "./IGridRegistry.sol";
import {ILedger} from "./ILedger.sol";
import {ISettlement} from "./ISettlement.sol";

/// @notice What a deployment fixes for good; `suanli/protocol/court_rules.py` mirrors it. Amounts in atoms.
struct CourtRules {
    /// How long a claim may be challenged.
    uint32 claimWindowSeconds;
    /// How long, from a challenge or an escalation on, its panel may be drawn.
    uint32 drawSeconds;
    /// How long jurors may seal verdicts, from the draw on.
    uint32 commitSeconds;
    /// How long they may open them afterwards.
    uint32 openSeconds;
    /// How long the first panel's outcome may be taken to the second afterwards.
    uint32 appealSeconds;
    /// How many blocks after a challenge the block lies whose hash draws the panel.
    uint32 seedDelayBlocks;
    /// What a claim locks of its node's stake.
    uint88 claimBond;
    /// What a challenger risks.
    uint88 challengeBond;
    /// What the loser of the first panel, or the buyer, risks when it appeals.
    uint88 appealBond;
    /// What a juror must have free to be drawn, and loses for a missing or a lost verdict.
    uint88 jurorSlash;
    /// What a juror earns for a verdict with the majority.
    uint88 jurorFee;
}

/// @notice One finished copy of one task of an order.
struct ClaimItem {
    Lease lease;
    bytes operatorSignature;
    Receipt receipt;
    bytes nodeSignature;
    bytes32[] specProof;
}

/// @notice One finished task of an auction's award. The receipt's `lease` is `awardTaskId(auction, task)`.
struct AwardItem {
    uint32 task;
    bytes32 spec;
    Receipt receipt;
    bytes nodeSignature;
    bytes32[] specProof;
}

/// @notice An open claim. The contract keeps its hash only: callers hand it in, as the event told it.
struct Claim {
    /// The lease's id, or `awardTaskId(auction, task)`.
    bytes32 id;
    /// The order's id, or the auction's.
    bytes32 order;
    uint32 task;
    address node;
    address buyer;
    /// Where the money came from, and where it returns: a reservation's account or the buyer's.
    address payer;
    bool awarded;
    uint64 serial;
    uint128 amount;
    uint64 openedAt;
    /// keccak256(abi.encode(outcome, result, usage)) of the receipt: what jurors compare with.
    bytes32 work;
}

/// @notice A challenge of one claim. The dispute's id is the hash of both.
struct Challenge {
    address challenger;
    uint64 challengedAt;
    uint64 blockNumber;
    /// The length of the registry's list: nodes connected later cannot be drawn.
    uint64 nodeCount;
}

/// @notice How a claim ended.
enum Ruling {
    /// No panel could be drawn or agreed: everything returns, and the claim may be opened again.
    UNDECIDED,
    /// The panel found what the claim says: it is paid.
    STANDS,
    /// The panel found something else: the money returns, the claim's bond is lost.
    FALLS
}

/// @title How one side alone is paid, and who decides when somebody objects
/// @notice A claim shows the order, the operator's lease and the node's receipt; the contract checks them,
/// takes the serial (so that no other exit pays the same work), sets the money aside and locks a bond of the
/// node's stake. Unchallenged, it is paid after `claimWindowSeconds`.
///
/// A challenge puts the work before a panel of three staked nodes of different owners, none of them a party.
/// They run the task again (it is deterministic), seal what they found, and open it. Two equal verdicts
/// decide. Without them anyone, and against them the loser with a bond, may escalate once, to a panel of
/// seven new owners, where four equal verdicts decide. If those are not found, the first panel's outcome
/// holds. A claim that stands is the buyer's loss, too: it may appeal whoever challenged, so a claimant gains
/// nothing by a friend who challenges first and leaves it at that.
///
/// A juror that cannot get the task's inputs says so (outcome 2): it earns nothing and loses nothing. So
/// nobody can harm jurors by a case that cannot be judged; a claimant serves the inputs by their content hash
/// or has no case.
///
/// Who pays: the loser's bond pays the jurors of the majority; the rest goes to the challenger and, in equal
/// part, to the payer, or to the claimant. (Without the payer's part a false claimant could challenge itself
/// and get its bond back.) Jurors who opened something else, or did not open where another juror of their
/// panel judged, lose stake, which is burned: it moves to an account that nobody has the key of, so that no
/// party gains by staging disputes. Where nobody judged, nobody is slashed: else burning the stake of nodes
/// that are away would cost no more than gas. A remainder of a division goes to the challenger.
///
/// Phases, all ended by anyone, by time alone: window (`closeClaim` after it) → draw → sealing → opening →
/// appeal (`escalate` in it, `resolve` after it) → draw → sealing → opening (`resolve` after it).
///
/// The panel is drawn by the hash of a block that did not exist at the time of the challenge, from nodes that
/// did. The opener of a claim or challenge cannot know or choose it; whoever proposes that block could only
/// give up its reward for another try. The hash is read from the last 256 blocks or EIP-2935's 8 191. When
/// nobody drew in that time, anyone may name a new later block; a party that dislikes a panel cannot make use
/// of this, because every other party may draw it all that time.
///
/// When no panel can be drawn (a fleet with too few other owners), the claim falls without a loss to anyone
/// and may be opened again while the grace lasts: money moves on a signature or a judgement, and there is
/// neither. The other choice, letting it stand, would let a dishonest operator and one node take budgets
/// wherever the fleet is small. So a provider that works in a fleet of fewer than three other owners relies
/// on its buyer not to challenge; who brings in other owners ends that.
///
/// Trust: no administrator, no pause, nothing to change. A majority of a panel decides; both panels must be
/// corrupt to decide falsely against a party that appeals.
///
/// What a party can lose: a claimant `claimBond` for each claim that a panel finds false (and `appealBond`);
/// a challenger `challengeBond` (and `appealBond`); a juror `jurorSlash` a panel, at most its free stake; a
/// buyer what it ordered, found done or left unchallenged, at most the order's budget and `replicas` copies
/// of each task (and `appealBond`). A delegate's cap that a claim drew on is not given back when the claim
/// falls.
interface IClaimCourt {
    /// The rules contradict each other: see the constructor.
    error InvalidRules();
    /// The contract at this address was not made for this deployment.
    error WrongDeployment(address part);
    /// A stake or a reservation must outlast any dispute: `given` seconds are below `needed`.
    error TooShort(uint64 given, uint64 needed);
    /// Only the node or its owner may do this.
    error NotClaimant(address node, address caller);
    /// Claims on this order or award could be opened until `end`.
    error ClaimsEnded(bytes32 order, uint64 end);
    /// The lease names another order.
    error WrongOrder(bytes32 lease, bytes32 order, bytes32 given);
    /// There is no such task.
    error WrongTask(bytes32 order, uint32 task, uint32 tasks);
    /// The lease, or the award, is another node's.
    error WrongNode(address node, address given);
    /// The lease ends after its order.
    error WrongDeadline(uint64 leaseDeadline, uint64 orderDeadline);
    /// The specification is not number `task` under the order's root.
    error WrongSpec(bytes32 spec, uint32 task);
    /// The receipt is for another lease.
    error WrongLease(bytes32 lease, bytes32 given);
    /// There is no such outcome.
    error WrongOutcome(uint8 outcome);
    /// Dimension number `dimension`: the lease's price exceeds the order's.
    error PriceAboveLimit(uint256 dimension, uint64 price, uint64 most);
    /// The lease's minimum charge exceeds what a whole task may cost.
    error MinimumAboveLimit(uint256 minimum, uint256 most);
    /// Dimension number `dimension`: the receipt's usage exceeds the order's limits.
    error UsageAboveLimit(uint256 dimension, uint256 used, uint256 most);
    /// The receipt charges something else than its usage costs.
    error WrongAmount(uint256 amount, uint256 expected);
    /// The receipt charges more than the lease allows.
    error AmountAboveCap(uint128 amount, uint128 cap);
    /// Claims on the order would exceed its budget.
    error BudgetExceeded(bytes32 order, uint256 claimed, uint128 budget);
    /// As many copies of the task are claimed as the order has replicas.
    error CopiesExceeded(bytes32 order, uint32 task, uint8 replicas);
    /// Besides the bonds of its claims, a node must keep free what it may lose as a juror.
    error JurorStakeTooSmall(address node, uint88 free, uint88 needed);
    /// There is no item.
    error NothingClaimed();
    /// The auction has no award.
    error NotAwarded(bytes32 auction);
    /// The claim is open, or a panel let it fall: it cannot be opened (again).
    error ClaimExists(bytes32 id, bytes32 record);
    /// The claim handed in is not the one on record, or is in another state.
    error ClaimMismatch(bytes32 id, bytes32 record, bytes32 given);
    /// The phase is over since `end`.
    error PhaseEnded(uint256 end);
    /// The phase begins after `start`.
    error PhaseNotBegun(uint256 start);
    /// The block of the seed is not there yet.
    error SeedNotReady(uint256 blockNumber);
    /// The hash of the seed's block is out of reach: name a new block by `rearm`.
    error SeedLost(uint256 blockNumber);
    /// The seed can be read: draw with it.
    error SeedAvailable(uint256 blockNumber);
    /// The panel is drawn.
    error AlreadyDrawn(bytes32 dispute, uint256 round);
    /// The panel is not drawn.
    error NotDrawn(bytes32 dispute, uint256 round);
    /// Too few eligible owners were found, though eight places were tried for each of the list.
    error PanelIncomplete(uint256 found, uint256 needed);
    /// There is no such seat.
    error WrongSeat(uint256 round, uint256 seat);
    /// Only the juror of this seat, by node key or owner, may do this.
    error NotJuror(address juror, address caller);
    /// The juror has sealed a verdict.
    error AlreadySealed(bytes32 dispute, uint256 round, uint256 seat);
    /// This is not what the juror sealed, or it is open already.
    error SealMismatch(bytes32 dispute, uint256 round, uint256 seat);
    /// The dispute is before the second panel.
    error AlreadyEscalated(bytes32 dispute);
    /// The first panel agreed: only the loser may appeal, and the buyer against a claim that stands.
    error NotLoser(address loser, address caller);

    /// The whole claim, for those who will hand it in.
    event ClaimOpened(bytes32 indexed id, bytes32 indexed order, address indexed node, Claim claim);
    event ClaimClosed(bytes32 indexed id, address indexed node, address indexed payee, uint128 amount);
    /// The whole challenge, for those who will hand it in.
    event ClaimChallenged(bytes32 indexed id, bytes32 indexed dispute, Challenge challenge);
    event SeedRearmed(bytes32 indexed dispute, uint256 round, uint256 blockNumber);
    /// `panel` holds the jurors' places in the registry's list, 32 bits each, seat 0 lowest.
    event PanelDrawn(bytes32 indexed dispute, uint256 round, uint256 panel);
    /// `tries` places were tried so far and filled too few seats: the next `draw` goes on from there.
    event DrawContinued(bytes32 indexed dispute, uint256 round, uint256 tries);
    event VerdictSealed(bytes32 indexed dispute, uint256 round, uint256 seat, bytes32 verdict);
    event VerdictOpened(bytes32 indexed dispute, uint256 round, uint256 seat, bytes32 work);
    /// `appellant` is zero when the first panel did not agree.
    event DisputeEscalated(bytes32 indexed dispute, address indexed appellant);
    event DisputeResolved(bytes32 indexed id, bytes32 indexed dispute, Ruling ruling);

    /// @notice The contract that holds the money.
    function ledger() external view returns (ILedger);

    /// @notice The contract that knows nodes, owners and stakes.
    function registry() external view returns (IGridRegistry);

    /// @notice The contract that guards each serial.
    function settlement() external view returns (ISettlement);

    /// @notice The contract that knows cancellations, reservations and awards.
    function bidding() external view returns (IBidding);

    /// @notice The rules of this deployment.
    function rules() external view returns (CourtRules memory);

    /// @notice Seconds from the opening of a claim to its last possible `resolve`.
    function longestDispute() external view returns (uint64);

    /// @notice Zero, 1 for a claim that fell before a panel, the hash of the open claim, or the dispute's id.
    function recordOf(bytes32 id) external view returns (bytes32);

    /// @notice What open and paid claims on the order sum up to, in atoms.
    function claimedOf(bytes32 order) external view returns (uint128);

    /// @notice How many claims on the auction's award are open or disputed. Not counted for orders: zero.
    function openClaimsOf(bytes32 order) external view returns (uint32);

    /// @notice How many copies of the task are claimed.
    function copiesOf(bytes32 order, uint32 task) external view returns (uint8);

    /// @notice How far a dispute is before its first (0) or second (1) panel: when it was drawn, the panel as
    /// in `PanelDrawn`. Before the draw: zero, and the named block of the seed, or zero for the first one.
    function panelOf(bytes32 dispute, uint256 round) external view returns (uint64 drawnAt, uint256 panel);

    /// @notice The lower 128 bits of a seat's sealed verdict (lowest bit set) or of the work that it opened
    /// (lowest bit clear; 2 for one who abstained); zero when missing.
    function verdictOf(bytes32 dispute, uint256 round, uint256 seat) external view returns (bytes32);

    /// @notice keccak256(abi.encode(auction, task)): stands for the lease that an award has none of.
    function awardTaskId(bytes32 auction, uint32 task) external pure returns (bytes32);

    /// @notice The claim's hash, as kept on record.
    function hashOf(Claim calldata claim) external pure returns (bytes32);

    /// @notice The dispute's id: the hash of the claim's hash and the challenge.
    function disputeOf(Claim calldata claim, Challenge calldata challenge_) external pure returns (bytes32);

    /// @notice The node or its owner claims finished copies of an order's tasks. The order is signed by the
    /// buyer's key, by ERC-1271 or by a delegate (whose cap is drawn); no signature is needed when it is
    /// reserved. Pays from the reservation if there is one. All or nothing.
    function openClaims(JobOrder calldata order, bytes calldata orderSignature, ClaimItem[] calldata items)
        external;

    /// @notice The same for an auction's award: each task pays payment / tasks, the last one the remainder
    /// too.
    function openAwardClaims(bytes32 auction, AwardItem[] calldata items) external;

    /// @notice Pays an unchallenged claim to the node's owner after the window. Anyone may call.
    function closeClaim(Claim calldata claim) external;

    /// @notice The caller says that the claim is false and risks `challengeBond` of its Ledger account.
    function challenge(Claim calldata claim) external;

    /// @notice Names a new later block when the hash of the seed's block is out of reach. Anyone may call.
    function rearm(Claim calldata claim, Challenge calldata challenge_) external;

    /// @notice Draws the panel of the present round, at most 256 places of the list a call. A list with many
    /// dead entries takes several calls, which go on in the order of the same seed. Anyone may call.
    function draw(Claim calldata claim, Challenge calldata challenge_) external;

    /// @notice A juror seals its verdict: keccak256(abi.encode(dispute, round, seat, work, salt)). It names
    /// the seat, so a copied seal cannot be opened.
    function commitVerdict(bytes32 dispute, uint256 round, uint256 seat, bytes32 verdict) external;

    /// @notice The same for a juror whose node key signed it: a node needs no gas to judge, and one
    /// transaction brings what a whole panel sealed. Anyone may call.
    function commitVerdictBySignature(VerdictSeal calldata sealed_, bytes calldata signature) external;

    /// @notice Opens a verdict; who knows the salt acts for the juror. Outcome 2 abstains: no inputs to be
    /// had.
    function openVerdict(
        bytes32 dispute,
        uint256 round,
        uint256 seat,
        uint8 outcome,
        bytes32 result,
        Usage calldata usage,
        bytes32 salt
    ) external;

    /// @notice Takes the dispute to the second panel, in the appeal time. Anyone may if the first one did not
    /// agree; else only the loser (the challenger or the node's owner) or, when the claim stands, the buyer,
    /// risking `appealBond`.
    function escalate(Claim calldata claim, Challenge calldata challenge_) external;

    /// @notice Ends the dispute when its last phase is over and pays everyone. Anyone may call.
    function resolve(Claim calldata claim, Challenge calldata challenge_) external;
}
