"""What a buyer can do next, by reason: the one table behind every error message of the command line."""

from collections.abc import Mapping

from suanli.protocol.reasons import Reason

_FIX_FILE = "Correct the job file; `suanli job lint job.yaml` shows every mistake with its line."
_RAISE_LIMIT = (
    "Lower the limit in the job file, or wait for larger machines; `suanli job quote` shows who fits."
)
_RAISE_RUN_LIMIT = (
    "Raise the limit in the job file and run it again; `suanli job logs` shows what was printed."
)
_TRY_LATER = "It usually passes: run the same command again in a moment."
_DISTRUST = "Do not pay for it: nothing was signed. Keep the record and ask the operator or `suanli audit`."

HINTS: Mapping[Reason, str] = {
    Reason.SIGNATURE_INVALID: _DISTRUST,
    Reason.SIGNER_MISMATCH: "Check the keystore, and that --account named this key as its delegate on chain.",
    Reason.WRONG_CHAIN: "Point --rpc at the chain that the market's contracts are on (`GET /v1/deployment`).",
    Reason.MESSAGE_MALFORMED: "The market speaks another version: update whichever of the two is older.",
    Reason.MESSAGE_EXPIRED: "Check this machine's clock, then run the command again.",
    Reason.MESSAGE_REPLAYED: "It was handed in before: look for it with `suanli job list`.",
    Reason.DOCUMENT_MALFORMED: _FIX_FILE,
    Reason.QUANTITY_OUT_OF_RANGE: "Choose a smaller number for what is named.",
    Reason.BODY_TOO_LARGE: "Split the job, or make its inputs smaller.",
    Reason.WRONG_OPERATOR: "Order at the market of the operator that the order names; check --deployment.",
    Reason.HASH_MISMATCH: "A file changed or was damaged on its way: run the command again.",
    Reason.NOT_AUTHENTICATED: "Name a keystore (--keystore) of an account of this market.",
    Reason.NOT_AUTHORISED: "Use the account that this belongs to; keep a job's files inside its folder.",
    Reason.NOT_FOUND: "Check the name or id: `suanli job list` shows jobs, `suanli account list` keystores.",
    Reason.BUDGET_TOO_SMALL: "Raise `budget` in the job file; `suanli job quote` shows the cost.",
    Reason.BALANCE_TOO_SMALL: "Deposit more (`suanli account deposit AMOUNT`) or lower the budget.",
    Reason.DELEGATION_EXCEEDED: "Let the account raise the cap: `suanli account delegate ADDRESS --cap N`.",
    Reason.TOO_MANY_JOBS: "Wait until some of your jobs are over, or cancel one: `suanli job list`.",
    Reason.DEADLINE_PASSED: "Give the job a later `deadline` and order it again.",
    Reason.STATE_CONFLICT: "Look at the present state: `suanli job watch JOB`, `suanli account balance`.",
    Reason.POLICY_UNSUPPORTED: "Choose `verification: {replicas: 2}` or `{accept: buyer}`.",
    Reason.PRICE_ABOVE_LIMIT: "Raise or remove `prices` in the job file, or raise the budget.",
    Reason.FUEL_LIMIT_TOO_SMALL: _RAISE_LIMIT,
    Reason.MEMORY_TOO_SMALL: _RAISE_LIMIT,
    Reason.INPUT_TOO_LARGE: _RAISE_LIMIT,
    Reason.OUTPUT_TOO_LARGE: _RAISE_LIMIT,
    Reason.WALL_LIMIT_TOO_SMALL: _RAISE_LIMIT,
    Reason.NO_FREE_SLOT: "Every machine that fits is busy: wait, or raise the price limits to reach more.",
    Reason.SAME_OWNER: "Fewer owners than replicas fit: lower `replicas` or wait for more owners.",
    Reason.NO_NODES: "No machine fits now: `suanli job quote` says which rule excludes how many.",
    Reason.REGION_NOT_ALLOWED: "Allow more `where.regions`; `suanli job quote` says who fits where.",
    Reason.LABEL_MISSING: "Name fewer labels under `where.labels` in the job file.",
    Reason.TRUST_TOO_LOW: "Lower `quality.trust` in the job file, or wait: trust grows with delivered work.",
    Reason.CARBON_TOO_HIGH: "Raise `quality.carbon` in the job file, or only weigh it: `worth.carbon_gram`.",
    Reason.LATENCY_TOO_HIGH: "Raise `quality.latency` in the job file, or choose another `where.origin`.",
    Reason.TOO_SLOW_FOR_DEADLINE: "Give the job a later `deadline`, or split it into smaller tasks.",
    Reason.NOT_WORTH_IT: "Raise `budget` or `prices`, or lower what `quality.worth` weighs against them.",
    Reason.OUTBID: "Others gave more: raise `budget` or `prices`, or wait; `suanli job why` tells how much.",
    Reason.QUOTE_EXPIRED: "Ask for a new quote, then order at once.",
    Reason.CAPACITY_TAKEN: "Someone was faster: ask for a new quote.",
    Reason.NOT_THE_WRITER: _TRY_LATER,
    Reason.CERTIFICATE_INVALID: "Do not trust this round: keep the certificate and tell the operator.",
    Reason.CHALLENGE_NOT_BETTER: "The round stands: hand in an allocation that is feasible and worth more.",
    Reason.MODULE_INVALID: "Build the program for WASI preview 1 (wasm32-wasi) and name the .wasm file.",
    Reason.FUEL_EXHAUSTED: _RAISE_RUN_LIMIT,
    Reason.MEMORY_EXHAUSTED: _RAISE_RUN_LIMIT,
    Reason.OUTPUT_EXCEEDED: _RAISE_RUN_LIMIT,
    Reason.OUTPUT_FORBIDDEN: "Outputs are plain files below out/, without links.",
    Reason.PROGRAM_TRAPPED: "The program crashed: `suanli job logs JOB TASK` shows what it printed.",
    Reason.EXIT_CODE: "The program reported an error: `suanli job logs JOB TASK` shows what it printed.",
    Reason.WALL_CLOCK_EXCEEDED: "Raise `limits.wall`: the machines that tried were too slow for it.",
    Reason.INPUT_UNAVAILABLE: "Run `suanli job run` again: it uploads what the market does not have.",
    Reason.RESULT_MISMATCH: "Replicas differ: is the program deterministic? Look at the logs of both leases.",
    Reason.RESULT_REJECTED: "Accept the result first (`suanli job accept JOB TASK`) if it is good.",
    Reason.CHARGE_WRONG: _DISTRUST,
    Reason.NO_QUORUM: "Too few machines agreed: check that the program is deterministic, then order again.",
    Reason.BATCH_MISMATCH: _DISTRUST,
    Reason.EPOCH_STALE: _TRY_LATER,
    Reason.SERIAL_TAKEN: "The node was paid under this number another way: nothing is left to pay.",
    Reason.UNDER_CLAIM: "The node has claimed its pay on the chain: `suanli claim list` shows how far it is.",
    Reason.CHAIN_UNREACHABLE: "Check --rpc and the chain's node; work goes on and payments catch up later.",
    Reason.CONTRACT_REVERTED: "Look at `suanli account balance`; the contract's words say what it missed.",
    Reason.TRANSACTION_REFUSED: "Check the gas money in the wallet (`suanli account balance`), then repeat.",
    Reason.INTERNAL: "It is a fault of the market: tell its operator, with the time and the command.",
    Reason.MARKET_UNREACHABLE: "Check --market (SUANLI_MARKET) and that the market runs (GET /v1/health).",
    Reason.DATABASE_UNREACHABLE: _TRY_LATER,
    Reason.RATE_LIMITED: "Too many requests: wait a minute.",
    Reason.SETTINGS_INVALID: "Correct the option or environment variable that is named.",
    Reason.KEYSTORE_INVALID: "Name a keystore (--keystore) and --password-file, or `suanli account create`.",
    Reason.EVIDENCE_MISSING: "Fetch and check the receipts: `suanli job receipts JOB --check`.",
    Reason.EVIDENCE_CONTRADICTS: _DISTRUST,
}


def hint_for(reason: Reason) -> str | None:
    """What to do next, or None where nothing can be done by a buyer."""
    return HINTS.get(reason)
