CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- One lease each. `assignment`, `receipt` and `manifest` are JSON of signed messages and documents; amounts are
-- decimal text because they may exceed 64 bits. `serial` is the lease's number among the node's: paid once.
CREATE TABLE IF NOT EXISTS leases (
    lease TEXT PRIMARY KEY,
    buyer TEXT NOT NULL,
    job TEXT NOT NULL,
    serial TEXT NOT NULL,
    deadline INTEGER NOT NULL,
    cap TEXT NOT NULL,
    state TEXT NOT NULL,
    starts INTEGER NOT NULL,
    process_id INTEGER,
    process_born REAL,
    reason TEXT,
    detail TEXT NOT NULL,
    assignment TEXT NOT NULL,
    receipt_id TEXT UNIQUE,
    receipt TEXT,
    manifest TEXT,
    amount TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS leases_by_state ON leases (state);
CREATE INDEX IF NOT EXISTS leases_by_reference ON leases (substr(receipt_id, 1, 34));

-- Which lease came first with a serial: no other is worked on under it, whatever became of that one.
CREATE TABLE IF NOT EXISTS serials (serial TEXT PRIMARY KEY, lease TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Outputs that the market has: upload progress of leases that are not acknowledged yet.
CREATE TABLE IF NOT EXISTS uploads (
    lease TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (lease, hash)
) STRICT, WITHOUT ROWID;

-- Asks that the node signed; `replaced_at` is NULL for the standing one.
CREATE TABLE IF NOT EXISTS asks (
    nonce TEXT PRIMARY KEY, ask TEXT NOT NULL, signature TEXT NOT NULL, offering TEXT,
    expiry INTEGER NOT NULL, replaced_at INTEGER
) STRICT;

-- Variants of batches that the node signed, and which of its receipts stand in them for whom.
CREATE TABLE IF NOT EXISTS batches (
    id TEXT PRIMARY KEY, epoch TEXT NOT NULL, batch TEXT NOT NULL, signature TEXT NOT NULL, signed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS batch_receipts (
    id TEXT NOT NULL REFERENCES batches (id), receipt_id TEXT NOT NULL, PRIMARY KEY (id, receipt_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS batches_by_hash ON batches (batch);

-- Statements that the node signed, and the receipts that each pays. A receipt may stand in several statements and
-- batches: the contracts pay its serial once.
CREATE TABLE IF NOT EXISTS statements (
    id TEXT PRIMARY KEY, root TEXT NOT NULL, statement TEXT NOT NULL, signature TEXT NOT NULL,
    signed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS statements_by_root ON statements (root);
CREATE TABLE IF NOT EXISTS statement_receipts (
    id TEXT NOT NULL REFERENCES statements (id), receipt_id TEXT NOT NULL, PRIMARY KEY (id, receipt_id)
) STRICT, WITHOUT ROWID;

-- Leases whose receipt is claimed before the court and not decided yet: their serial is taken.
CREATE TABLE IF NOT EXISTS claims (lease TEXT PRIMARY KEY, transaction_hash TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS refusals (
    id TEXT PRIMARY KEY, reason TEXT NOT NULL, detail TEXT NOT NULL, refused_at INTEGER NOT NULL
) STRICT;

-- What the chain has paid: one row for each receipt, in the transaction that paid it.
CREATE TABLE IF NOT EXISTS settlements (
    receipt_id TEXT PRIMARY KEY, way TEXT NOT NULL, fee TEXT NOT NULL, transaction_hash TEXT NOT NULL,
    settled_at INTEGER NOT NULL
) STRICT;

-- Seats on panels of the court that were drawn for the node. Verdict and salt are here before the seal is sent;
-- `grounds` says why it abstains, `state` repeats the court's record, `reason` is what is in the way now.
CREATE TABLE IF NOT EXISTS duties (
    dispute TEXT NOT NULL,
    round INTEGER NOT NULL,
    seat INTEGER NOT NULL,
    drawn_at INTEGER NOT NULL,
    block INTEGER NOT NULL,
    seal_until INTEGER NOT NULL,
    open_until INTEGER NOT NULL,
    state TEXT NOT NULL,
    claim TEXT,
    outcome INTEGER,
    result TEXT,
    usage TEXT,
    salt TEXT,
    grounds TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (dispute, round, seat)
) STRICT, WITHOUT ROWID;
