-- How long rows are kept, what stops their deletion, and what is proved of it.

-- The installation's rules, a row for each version of each: written by the program when it starts, never changed.
-- `dataset` is a table, or with a dot a part of one. A tenant may choose `least_days` to `most_days`.
CREATE TABLE retention_policies (
    dataset text NOT NULL,
    version {int} NOT NULL,
    table_name text NOT NULL,
    clock text NOT NULL,
    days {int} NOT NULL,
    least_days {int} NOT NULL,
    most_days {int} NOT NULL,
    action text NOT NULL CHECK (action IN ('delete', 'anonymise', 'drop')),
    basis text NOT NULL,
    article text NOT NULL,
    owner text NOT NULL,
    installed_at {int} NOT NULL,
    PRIMARY KEY (dataset, version)
) {strict};

-- Periods that a tenant chose.
CREATE TABLE retention_overrides (
    tenant_id {uuid} NOT NULL,
    dataset text NOT NULL,
    days {int} NOT NULL,
    reason text NOT NULL,
    set_by text NOT NULL,
    updated_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, dataset)
) {strict};
CREATE INDEX retention_overrides_dataset ON retention_overrides (dataset, days);

-- What must not be deleted, whatever its age: rows about `user_id`, or all; in `table_name`, or in all. `email` is the
-- person's address when the hold was placed.
CREATE TABLE legal_holds (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    user_id {uuid},
    email text,
    table_name text,
    authority text NOT NULL,
    reason text NOT NULL,
    placed_by text NOT NULL,
    placed_at {int} NOT NULL,
    released_by text,
    released_at {int},
    release_reason text
) {strict};
CREATE INDEX legal_holds_active ON legal_holds (tenant_id) WHERE released_at IS NULL;
CREATE INDEX legal_holds_listed ON legal_holds (tenant_id, id);
CREATE INDEX legal_holds_released ON legal_holds (released_at) WHERE released_at IS NOT NULL;

-- Sweeps that are under way, and the rules each applies. They go when the sweep is certified.
CREATE TABLE retention_sweeps (
    id {uuid} PRIMARY KEY NOT NULL,
    as_of {int} NOT NULL,
    deadline {int} NOT NULL
) {strict};

-- `state` is open while rows may go, then done, or partial when something was left. A batch holds its row.
CREATE TABLE retention_parts (
    sweep_id {uuid} NOT NULL REFERENCES retention_sweeps (id) ON DELETE CASCADE,
    dataset text NOT NULL,
    version {int} NOT NULL,
    days {int} NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'done', 'partial')),
    PRIMARY KEY (sweep_id, dataset)
) {strict};

-- What has gone and is not certified yet; by no sweep (a nil id) when a service of the scheduler deleted it. `digest` is
-- the sum of the HMACs of the rows' ids; NULL where ids were not read.
CREATE TABLE retention_counts (
    sweep_id {uuid} NOT NULL,
    dataset text NOT NULL,
    tenant_id {uuid} NOT NULL,
    days {int} NOT NULL,
    gone {int} NOT NULL,
    objects {int} NOT NULL,
    digest {bytes},
    PRIMARY KEY (sweep_id, dataset, tenant_id, days)
) {strict};
CREATE INDEX retention_counts_tenant ON retention_counts (sweep_id, tenant_id);

-- Objects whose rows have gone: each is deleted, then its line.
CREATE TABLE retention_objects (
    tenant_id {uuid} NOT NULL,
    object text NOT NULL,
    dataset text NOT NULL,
    days {int} NOT NULL,
    PRIMARY KEY (dataset, object)
) {strict};

-- Certificates, a chain for each tenant; the installation's own tenant has the totals. `hash` is SHA-256 of `body`.
CREATE TABLE retention_certificates (
    tenant_id {uuid} NOT NULL,
    number {int} NOT NULL,
    sweep_id {uuid} NOT NULL,
    issued_at {int} NOT NULL,
    body {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    signature {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, number),
    UNIQUE (tenant_id, sweep_id)
) {strict};
CREATE INDEX retention_certificates_issued ON retention_certificates (issued_at);

-- Clocks of tables that have no index by theirs.
CREATE INDEX billing_invoices_kept ON billing_invoices (updated_at);
CREATE INDEX billing_subscriptions_kept ON billing_subscriptions (updated_at);
CREATE INDEX dsar_requests_kept ON dsar_requests (received_at);
