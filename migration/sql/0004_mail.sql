-- Mails to send and sent: the outbox of what goes to people. One row for each message and recipient, for ever unique
-- by the key its writer chose.
CREATE TABLE mails (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL PRIMARY KEY,
    key text NOT NULL,
    recipient text NOT NULL,
    user_id {uuid},
    kind text NOT NULL CHECK (kind IN ('transactional', 'marketing')),
    scope text,
    unsubscribe text,
    template text NOT NULL,
    subject text NOT NULL,
    -- NULL once it is sent or must not be: what a mail says opens things (links, codes).
    text text,
    html text,
    attachments text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'suppressed', 'refused')),
    attempts {int} NOT NULL,
    due {int} NOT NULL,
    reason text,
    provider_id text,
    created_at {int} NOT NULL,
    ended_at {int},
    delivered_at {int},
    bounced_at {int},
    complained_at {int},
    CHECK (kind = 'transactional' OR (scope IS NOT NULL AND unsubscribe IS NOT NULL)),
    UNIQUE (tenant_id, key, recipient)
) {strict};
CREATE INDEX mails_due ON mails (due) WHERE state = 'queued';
CREATE INDEX mails_listed ON mails (tenant_id, id);
CREATE INDEX mails_listed_by_state ON mails (tenant_id, state, id);
CREATE INDEX mails_by_recipient ON mails (tenant_id, recipient);
CREATE INDEX mails_by_provider ON mails (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX mails_by_end ON mails (ended_at) WHERE ended_at IS NOT NULL;

-- Addresses that get no mail, as HMAC-SHA256: the row outlives the person's erasure and names nobody.
CREATE TABLE mail_suppressions (
    tenant_id {uuid} NOT NULL,
    address {bytes} NOT NULL,
    cause text NOT NULL CHECK (cause IN ('bounce', 'complaint')),
    -- When the provider saw it.
    since {int} NOT NULL,
    -- Suppressed no more; what the provider saw before this time changes nothing.
    lifted_at {int},
    PRIMARY KEY (tenant_id, address, cause)
) {strict};
