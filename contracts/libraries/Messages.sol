// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Unit prices in micro-atoms per gigafuel, GiB·gigafuel, MiB in and MiB out.
struct Prices {
    uint64 fuel;
    uint64 memoryFuel;
    uint64 ingress;
    uint64 egress;
}

/// Metered work: fuel, MiB·megafuel, bytes in and bytes out.
struct Usage {
    uint64 fuel;
    uint64 memoryFuel;
    uint64 ingress;
    uint64 egress;
}

/// The most that one task may use.
struct Limits {
    uint64 fuel;
    uint64 memoryBytes;
    uint64 inputBytes;
    uint64 outputBytes;
    uint32 wallSeconds;
}

struct NodeTerms {
    address node;
    address owner;
    bytes32 benchmark;
    uint128 stake;
    uint64 expiry;
}

struct Ask {
    address node;
    Prices prices;
    uint128 minimumCharge;
    uint32 slots;
    Limits limits;
    bytes32 offering;
    uint64 expiry;
    uint256 nonce;
}

struct JobOrder {
    address buyer;
    address operator;
    bytes32 specRoot;
    uint32 tasks;
    uint8 policy;
    uint8 replicas;
    uint128 budget;
    Prices maximumPrices;
    Limits limits;
    uint64 deadline;
    uint256 nonce;
}

struct Lease {
    bytes32 order;
    uint32 task;
    uint32 attempt;
    bytes32 spec;
    bytes32 ask;
    uint64 epoch;
    uint64 serial;
    address node;
    Prices prices;
    uint128 minimumCharge;
    uint128 cap;
    uint64 deadline;
}

struct Receipt {
    bytes32 lease;
    uint8 outcome;
    bytes32 result;
    Usage usage;
    uint128 amount;
}

struct Statement {
    address buyer;
    address node;
    address payee;
    uint128 amount;
    uint32 receipts;
    bytes32 receiptsRoot;
    bytes32 marks;
}

struct Netting {
    uint64 epoch;
    bytes32 batch;
}

struct RootNetting {
    uint64 epoch;
    bytes32 batch;
}

struct Reservation {
    bytes32 order;
    uint128 amount;
}

struct Draw {
    bytes32 order;
    bytes32 statement;
}

struct ReservationRelease {
    bytes32 order;
    uint128 remaining;
}

struct Cancellation {
    address account;
    uint256 nonce;
}

struct VerdictSeal {
    bytes32 dispute;
    uint8 round;
    uint8 seat;
    bytes32 verdict;
}

struct Delegation {
    address account;
    address delegate;
    uint128 cap;
    uint64 expiry;
    uint64 nonce;
}

struct InclusionPromise {
    bytes32 order;
    uint64 epoch;
    uint64 receivedAt;
}

struct EpochAnchor {
    uint64 epoch;
    bytes32 bookRoot;
    bytes32 matchRoot;
    bytes32 prices;
    uint32 orders;
    uint32 leases;
    bytes32 evidence;
}

/// @title The signed messages of Suanli and their EIP-712 struct hashes
/// @notice Mirrors `suanli/protocol/messages.py`, where each field is explained; a parity test holds both
/// equal. A struct hash is the message's id everywhere. Field order and names are part of the signature.
library Messages {
    // solhint-disable max-line-length
    string internal constant PRICES = "Prices(uint64 fuel,uint64 memoryFuel,uint64 ingress,uint64 egress)";
    string internal constant USAGE = "Usage(uint64 fuel,uint64 memoryFuel,uint64 ingress,uint64 egress)";
    string internal constant LIMITS =
        "Limits(uint64 fuel,uint64 memoryBytes,uint64 inputBytes,uint64 outputBytes,uint32 wallSeconds)";
    string internal constant NODE_TERMS =
        "NodeTerms(address node,address owner,bytes32 benchmark,uint128 stake,uint64 expiry)";
    string internal constant ASK =
        "Ask(address node,Prices prices,uint128 minimumCharge,uint32 slots,Limits limits,bytes32 offering,uint64 expiry,uint256 nonce)";
    string internal constant JOB_ORDER =
        "JobOrder(address buyer,address operator,bytes32 specRoot,uint32 tasks,uint8 policy,uint8 replicas,uint128 budget,Prices maximumPrices,Limits limits,uint64 deadline,uint256 nonce)";
    string internal constant LEASE =
        "Lease(bytes32 order,uint32 task,uint32 attempt,bytes32 spec,bytes32 ask,uint64 epoch,uint64 serial,address node,Prices prices,uint128 minimumCharge,uint128 cap,uint64 deadline)";
    string internal constant RECEIPT =
        "Receipt(bytes32 lease,uint8 outcome,bytes32 result,Usage usage,uint128 amount)";
    string internal constant STATEMENT =
        "Statement(address buyer,address node,address payee,uint128 amount,uint32 receipts,bytes32 receiptsRoot,bytes32 marks)";
    string internal constant NETTING = "Netting(uint64 epoch,bytes32 batch)";
    string internal constant ROOT_NETTING = "RootNetting(uint64 epoch,bytes32 batch)";
    string internal constant RESERVATION = "Reservation(bytes32 order,uint128 amount)";
    string internal constant DRAW = "Draw(bytes32 order,bytes32 statement)";
    string internal constant RESERVATION_RELEASE = "ReservationRelease(bytes32 order,uint128 remaining)";
    string internal constant CANCELLATION = "Cancellation(address account,uint256 nonce)";
    string internal constant VERDICT_SEAL =
        "VerdictSeal(bytes32 dispute,uint8 round,uint8 seat,bytes32 verdict)";
    string internal constant DELEGATION =
        "Delegation(address account,address delegate,uint128 cap,uint64 expiry,uint64 nonce)";
    string internal constant INCLUSION_PROMISE =
        "InclusionPromise(bytes32 order,uint64 epoch,uint64 receivedAt)";
    string internal constant EPOCH_ANCHOR =
        "EpochAnchor(uint64 epoch,bytes32 bookRoot,bytes32 matchRoot,bytes32 prices,uint32 orders,uint32 leases,bytes32 evidence)";

    // solhint-enable max-line-length

    function hash(NodeTerms memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(NODE_TERMS)), message));
    }

    function hash(Statement memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(STATEMENT)), message));
    }

    function hash(Netting memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(NETTING)), message));
    }

    function hash(RootNetting memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(ROOT_NETTING)), message));
    }

    function hash(Reservation memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(RESERVATION)), message));
    }

    function hash(Draw memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(DRAW)), message));
    }

    function hash(ReservationRelease memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(RESERVATION_RELEASE)), message));
    }

    function hash(VerdictSeal memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(VERDICT_SEAL)), message));
    }

    function hash(Cancellation memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(CANCELLATION)), message));
    }

    function hash(EpochAnchor memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(EPOCH_ANCHOR)), message));
    }

    function hash(Delegation memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(DELEGATION)), message));
    }

    function hash(InclusionPromise memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(INCLUSION_PROMISE)), message));
    }

    function hash(Prices memory prices) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(PRICES)), prices));
    }

    function hash(Usage memory usage) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(USAGE)), usage));
    }

    function hash(Limits memory limits) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(LIMITS)), limits));
    }

    function hash(Ask memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(abi.encodePacked(ASK, LIMITS, PRICES)),
                message.node,
                hash(message.prices),
                message.minimumCharge,
                message.slots,
                hash(message.limits),
                message.offering,
                message.expiry,
                message.nonce
            )
        );
    }

    function hash(JobOrder memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(abi.encodePacked(JOB_ORDER, LIMITS, PRICES)),
                message.buyer,
                message.operator,
                message.specRoot,
                message.tasks,
                message.policy,
                message.replicas,
                message.budget,
                hash(message.maximumPrices),
                hash(message.limits),
                message.deadline,
                message.nonce
            )
        );
    }

    function hash(Lease memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(abi.encodePacked(LEASE, PRICES)),
                message.order,
                message.task,
                message.attempt,
                message.spec,
                message.ask,
                message.epoch,
                message.serial,
                message.node,
                hash(message.prices),
                message.minimumCharge,
                message.cap,
                message.deadline
            )
        );
    }

    function hash(Receipt memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(abi.encodePacked(RECEIPT, USAGE)),
                message.lease,
                message.outcome,
                message.result,
                hash(message.usage),
                message.amount
            )
        );
    }
}
