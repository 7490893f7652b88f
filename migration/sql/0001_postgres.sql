-- Times are microseconds since the Unix epoch (BIGINT), by this clock only.
CREATE FUNCTION now_us() RETURNS bigint LANGUAGE sql STABLE
    AS 'SELECT (extract(epoch FROM now()) * 1000000)::bigint';

-- Catalogue.

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    plan text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    prefix text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);

CREATE TABLE workflows (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    namespace text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    hash bytea NOT NULL,
    document bytea NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (tenant_id, namespace, name, version)
);
CREATE INDEX workflows_tenant ON workflows (tenant_id, id);

CREATE TABLE schedules (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    namespace text NOT NULL,
    name text NOT NULL,
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    spec text NOT NULL,
    next_due bigint,
    UNIQUE (tenant_id, namespace, name)
);
CREATE INDEX schedules_due ON schedules (next_due) WHERE next_due IS NOT NULL;

-- Runs. No foreign keys on hot tables: the live row is the fence (P3), the sweep removes strays (P8).

-- HOT: half of each page stays free for updates; columns that claim, append and beat change are in no index.
-- Columns are sorted by alignment. `parked` is the epoch of the last park, by which a repeated park is known.
CREATE TABLE live (
    created_at bigint NOT NULL,
    due bigint,
    started_at bigint,
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    worker uuid,
    token uuid,
    epoch integer NOT NULL DEFAULT 0,
    seq integer NOT NULL DEFAULT 0,
    inbox integer NOT NULL DEFAULT 0,
    parked integer,
    state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
    priority smallint NOT NULL,
    deaths smallint NOT NULL DEFAULT 0,
    ready boolean NOT NULL,
    callback_url text,
    input bytea NOT NULL,
    history bytea
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 50000,
    autovacuum_analyze_scale_factor = 0.2,
    autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX live_ready ON live (priority, id) WHERE ready;

CREATE TABLE journal (
    run_id uuid NOT NULL,
    seq integer NOT NULL,
    epoch integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_cost_delay = 0
);

CREATE TABLE inbox (
    at bigint NOT NULL,
    run_id uuid NOT NULL,
    n integer NOT NULL,
    kind smallint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (run_id, n)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_cost_delay = 0
);

-- Keyed by their origin. `ord` counts within it.
CREATE TABLE timers (
    due bigint NOT NULL,
    run_id uuid NOT NULL,
    epoch integer NOT NULL,
    seq integer NOT NULL,
    ord integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (run_id, epoch, seq, ord)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX timers_due ON timers (due);

CREATE TABLE subscriptions (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    epoch integer NOT NULL,
    seq integer NOT NULL,
    ord integer NOT NULL,
    event_type text,
    source text,
    PRIMARY KEY (run_id, epoch, seq, ord)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX subscriptions_match ON subscriptions (tenant_id, event_type, run_id);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    due bigint NOT NULL,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    epoch integer NOT NULL,
    seq integer NOT NULL,
    ord integer NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    kind smallint NOT NULL,
    target text,
    body bytea NOT NULL,
    UNIQUE (run_id, epoch, seq, ord)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX outbox_due ON outbox (due);

-- Append-only. By retention class, then by id, which is by time of acceptance (partitions.rs makes the ranges).
CREATE TABLE ended (
    created_at bigint NOT NULL,
    due bigint,
    started_at bigint,
    ended_at bigint NOT NULL,
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    epoch integer NOT NULL,
    seq integer NOT NULL,
    inbox integer NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 4 AND 6),
    priority smallint NOT NULL,
    class text NOT NULL DEFAULT 'standard',
    callback_url text,
    input bytea NOT NULL,
    output bytea,
    error bytea,
    journal bytea NOT NULL,
    PRIMARY KEY (id, class)
) PARTITION BY LIST (class);
CREATE INDEX ended_tenant ON ended (tenant_id, id);

-- Batches and keys.

CREATE TABLE idempotency (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    expires_at bigint NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE batches (
    token uuid PRIMARY KEY,
    at bigint NOT NULL
);
CREATE INDEX batches_at ON batches (at);

-- An event whose matching stopped at its bound has the last run matched in `cursor_run`.
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    tenant_id uuid NOT NULL,
    cursor_run uuid,
    source text NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    body bytea NOT NULL,
    UNIQUE (tenant_id, source, event_id)
);
CREATE INDEX events_at ON events (at);
CREATE INDEX events_open ON events (id) WHERE cursor_run IS NOT NULL;

-- Processes.

CREATE TABLE workers (
    id uuid PRIMARY KEY,
    beats bigint NOT NULL DEFAULT 0,
    registered_at bigint NOT NULL,
    beat_at bigint NOT NULL,
    slots integer NOT NULL,
    busy integer NOT NULL DEFAULT 0,
    alive boolean NOT NULL DEFAULT true,
    name text NOT NULL,
    version text NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE leader (
    one smallint PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    term bigint NOT NULL,
    holder uuid,
    expires_at bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO leader (term, expires_at) VALUES (0, 0);
