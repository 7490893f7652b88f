-- The same tables as on Postgres. Ids are BLOBs of 16 bytes; times are microseconds since the Unix epoch.

-- Catalogue.

CREATE TABLE tenants (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);

CREATE TABLE workflows (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    hash BLOB NOT NULL,
    document BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (tenant_id, namespace, name, version)
) STRICT;
CREATE INDEX workflows_tenant ON workflows (tenant_id, id);

CREATE TABLE schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    workflow_id BLOB NOT NULL REFERENCES workflows (id),
    spec TEXT NOT NULL,
    next_due INTEGER,
    UNIQUE (tenant_id, namespace, name)
) STRICT;
CREATE INDEX schedules_due ON schedules (next_due) WHERE next_due IS NOT NULL;

-- Runs. `ready` is 0 or 1. `parked` is the epoch of the last park, by which a repeated park is known.

CREATE TABLE live (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    workflow_id BLOB NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
    ready INTEGER NOT NULL CHECK (ready IN (0, 1)),
    priority INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    inbox INTEGER NOT NULL DEFAULT 0,
    parked INTEGER,
    deaths INTEGER NOT NULL DEFAULT 0,
    worker BLOB,
    token BLOB,
    created_at INTEGER NOT NULL,
    due INTEGER,
    started_at INTEGER,
    callback_url TEXT,
    input BLOB NOT NULL,
    history BLOB
) STRICT;
CREATE INDEX live_ready ON live (priority, id) WHERE ready = 1;

CREATE TABLE journal (
    run_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
    run_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (run_id, n)
) STRICT, WITHOUT ROWID;

-- Keyed by their origin. `ord` counts within it.
CREATE TABLE timers (
    run_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ord INTEGER NOT NULL,
    due INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (run_id, epoch, seq, ord)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due);

CREATE TABLE subscriptions (
    run_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ord INTEGER NOT NULL,
    tenant_id BLOB NOT NULL,
    event_type TEXT,
    source TEXT,
    PRIMARY KEY (run_id, epoch, seq, ord)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_match ON subscriptions (tenant_id, event_type, run_id);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ord INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    target TEXT,
    body BLOB NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run_id, epoch, seq, ord)
) STRICT;
CREATE INDEX outbox_due ON outbox (due);

-- Append-only. One table here (P15); `class` is the retention class.
CREATE TABLE ended (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    workflow_id BLOB NOT NULL,
    class TEXT NOT NULL DEFAULT 'standard',
    state INTEGER NOT NULL CHECK (state BETWEEN 4 AND 6),
    priority INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    inbox INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due INTEGER,
    started_at INTEGER,
    ended_at INTEGER NOT NULL,
    callback_url TEXT,
    input BLOB NOT NULL,
    output BLOB,
    error BLOB,
    journal BLOB NOT NULL
) STRICT;
CREATE INDEX ended_tenant ON ended (tenant_id, id);

-- Batches and keys.

CREATE TABLE idempotency (
    tenant_id BLOB NOT NULL,
    key TEXT NOT NULL,
    run_id BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE batches (
    token BLOB PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_at ON batches (at);

-- An event whose matching stopped at its bound has the last run matched in `cursor_run`.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    cursor_run BLOB,
    UNIQUE (tenant_id, source, event_id)
) STRICT;
CREATE INDEX events_at ON events (at);
CREATE INDEX events_open ON events (id) WHERE cursor_run IS NOT NULL;

-- Processes.

CREATE TABLE workers (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    slots INTEGER NOT NULL,
    busy INTEGER NOT NULL DEFAULT 0,
    beats INTEGER NOT NULL DEFAULT 0,
    alive INTEGER NOT NULL DEFAULT 1 CHECK (alive IN (0, 1)),
    registered_at INTEGER NOT NULL,
    beat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE leader (
    one INTEGER PRIMARY KEY NOT NULL DEFAULT 1 CHECK (one = 1),
    term INTEGER NOT NULL,
    holder BLOB,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO leader (one, term, expires_at) VALUES (1, 0, 0);
