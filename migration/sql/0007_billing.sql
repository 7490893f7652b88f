-- What Stripe says of the tenants' bills, and how far each unpaid invoice is.

-- Who pays for a tenant. `customer` is Stripe's id.
CREATE TABLE billing_accounts (
    tenant_id {uuid} NOT NULL PRIMARY KEY REFERENCES tenants (id),
    customer text NOT NULL UNIQUE,
    -- Where letters go; NULL when nobody said.
    email text,
    -- Language tag (RFC 5646).
    locale text NOT NULL,
    -- A promise to pay: nothing goes on before this time.
    hold_until {int},
    hold_reason text,
    linked_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};

-- Events as they came. `state`: 0 to process, 1 processed, 2 its customer is nobody's yet, 3 cannot be read.
CREATE TABLE stripe_events (
    -- NULL until its customer is known.
    tenant_id {uuid},
    id text NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    customer text,
    body {bytes} NOT NULL,
    received_at {int} NOT NULL,
    state {int} NOT NULL CHECK (state BETWEEN 0 AND 3),
    processed_at {int}
) {strict};
-- Not partial: the state is a parameter of the statements, from which no plan can tell that it fits.
CREATE INDEX stripe_events_due ON stripe_events (state, received_at, id);
CREATE INDEX stripe_events_customer ON stripe_events (customer, state);
CREATE INDEX stripe_events_tenant ON stripe_events (tenant_id, received_at);
CREATE INDEX stripe_events_received ON stripe_events (received_at);

-- One row an invoice. `facts` is what its events say together, as JSON; the other columns follow from it.
CREATE TABLE billing_invoices (
    tenant_id {uuid} NOT NULL,
    id text NOT NULL,
    subscription text,
    facts text NOT NULL,
    past_due {bool} NOT NULL,
    -- The stage reached: 0 none, 1 to 4 as in the policy. It never falls while the invoice is past due.
    stage {int} NOT NULL CHECK (stage BETWEEN 0 AND 4),
    -- First failed payment: stages are due by it.
    since {int},
    -- When the next stage is due; NULL when none is.
    next_at {int},
    -- The policy it began under.
    policy {int} NOT NULL,
    -- How often it became past due, and whether the run for that is still to be started.
    episode {int} NOT NULL,
    starting {bool} NOT NULL,
    run_id {uuid},
    updated_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {strict};
CREATE INDEX billing_invoices_tenant ON billing_invoices (tenant_id, past_due);
CREATE INDEX billing_invoices_subscription ON billing_invoices (tenant_id, subscription);
CREATE INDEX billing_invoices_starting ON billing_invoices (starting, id);
CREATE INDEX billing_invoices_next ON billing_invoices (next_at) WHERE next_at IS NOT NULL;

-- What events say of a subscription together.
CREATE TABLE billing_subscriptions (
    tenant_id {uuid} NOT NULL,
    id text NOT NULL,
    facts text NOT NULL,
    updated_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {strict};

-- Policies of dunning; an invoice keeps the one it began under. Version 0 is built in and has no row.
CREATE TABLE billing_policies (
    version {int} NOT NULL PRIMARY KEY,
    body text NOT NULL,
    created_at {int} NOT NULL
) {strict};
