-- What runs cost and bring in: quantities as runs end, sums by day, a double-entry ledger, budgets.

-- The key that started a run; NULL for those of schedules and processes.
ALTER TABLE live ADD COLUMN key_id {uuid};

-- What ended runs and sent mails used, one row for each tenant, document version and key of a batch, written by the
-- statement that ends the runs. The leader takes rows out and books them.
CREATE TABLE usage (
    id {serial},
    at {int} NOT NULL,
    tenant_id {uuid} NOT NULL,
    -- NULL for mails.
    workflow_id {uuid},
    key_id {uuid},
    completed {int} NOT NULL,
    faulted {int} NOT NULL,
    cancelled {int} NOT NULL,
    -- Microseconds that attempts took.
    worker_us {int} NOT NULL,
    -- Attempts of `call: http`.
    calls {int} NOT NULL,
    mails {int} NOT NULL,
    -- Value of completed runs whose document names one, in minor units of the installation's currency.
    earned {int} NOT NULL,
    -- Completed runs whose document names none: the tenant's plan says what each is worth.
    unvalued {int} NOT NULL
) {strict};

-- The same, booked and priced, by day. Costs are millionths of a minor unit; `worker_carry` is what is less than one of
-- those, in 1/3,600,000,000 of it. `key_id` is all zeros where there is no key, `workflow` empty where there is none.
CREATE TABLE usage_days (
    tenant_id {uuid} NOT NULL,
    -- Days since 1970-01-01, UTC.
    day {int} NOT NULL,
    -- `namespace/name`.
    workflow text NOT NULL,
    key_id {uuid} NOT NULL,
    completed {int} NOT NULL,
    faulted {int} NOT NULL,
    cancelled {int} NOT NULL,
    worker_us {int} NOT NULL,
    calls {int} NOT NULL,
    mails {int} NOT NULL,
    -- Minor units.
    earned {int} NOT NULL,
    cost_worker {int} NOT NULL,
    cost_calls {int} NOT NULL,
    cost_mails {int} NOT NULL,
    worker_carry {int} NOT NULL,
    PRIMARY KEY (tenant_id, day, workflow, key_id)
) {strict};

-- Entries of the ledger; never changed.
CREATE TABLE ledger_entries (
    id {uuid} NOT NULL PRIMARY KEY,
    tenant_id {uuid} NOT NULL,
    at {int} NOT NULL,
    -- The day that it is about.
    day {int} NOT NULL,
    workflow text NOT NULL,
    key_id {uuid},
    -- ISO 4217.
    currency text NOT NULL,
    -- Quantities and prices it follows from, as JSON.
    detail text NOT NULL
) {strict};
CREATE INDEX ledger_entries_tenant ON ledger_entries (tenant_id, id);

-- An amount moved from one account to another, so that each row, and with it each entry, sums to zero by its form.
CREATE TABLE ledger_postings (
    entry_id {uuid} NOT NULL REFERENCES ledger_entries (id),
    line {int} NOT NULL,
    tenant_id {uuid} NOT NULL,
    debit text NOT NULL,
    credit text NOT NULL,
    -- Minor units.
    amount {int} NOT NULL CHECK (amount > 0),
    CHECK (debit <> credit),
    PRIMARY KEY (entry_id, line)
) {strict};
CREATE INDEX ledger_postings_tenant ON ledger_postings (tenant_id, entry_id);

-- Balances: debits less credits, in minor units. `carry` is what is not yet a minor unit, in millionths of one.
CREATE TABLE ledger_accounts (
    tenant_id {uuid} NOT NULL,
    account text NOT NULL,
    currency text NOT NULL,
    balance {int} NOT NULL,
    carry {int} NOT NULL CHECK (carry BETWEEN 0 AND 999999),
    PRIMARY KEY (tenant_id, account, currency)
) {strict};

-- What may be spent. `subject` is `namespace/name` or a key's id; empty for the whole tenant.
CREATE TABLE budgets (
    id {uuid} NOT NULL PRIMARY KEY,
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    scope text NOT NULL CHECK (scope IN ('tenant', 'workflow', 'key')),
    subject text NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month', 'total')),
    -- Minor units.
    most {int} NOT NULL CHECK (most >= 0),
    action text NOT NULL CHECK (action IN ('stop', 'refuse')),
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK ((scope = 'tenant') = (subject = '')),
    UNIQUE (tenant_id, scope, subject, period)
) {strict};
