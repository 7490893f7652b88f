-- Marketing consent: what an address agreed to, for which list, shown which text, and how that came about.

-- An address of a tenant. Its row is locked by whatever changes a consent of it, so that those take turns.
CREATE TABLE consent_contacts (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    email text NOT NULL,
    -- Mails that asked for a confirmation, since the address last gave one.
    confirm_mails {int} NOT NULL,
    last_confirm_mail_at {int},
    created_at {int} NOT NULL,
    UNIQUE (tenant_id, email)
) {strict};

-- How it stands now with an address and a list.
CREATE TABLE consents (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    contact_id {uuid} NOT NULL,
    email text NOT NULL,
    user_id {uuid},
    scope text NOT NULL,
    status text NOT NULL,
    source text NOT NULL,
    locale text,
    wording_id {uuid} NOT NULL,
    requested_at {int} NOT NULL,
    granted_at {int},
    revoked_at {int},
    updated_at {int} NOT NULL,
    UNIQUE (tenant_id, email, scope)
) {strict};
CREATE INDEX consents_page ON consents (tenant_id, id);
CREATE INDEX consents_by_status ON consents (tenant_id, status, id);
CREATE INDEX consents_audience ON consents (tenant_id, scope, status, id);
CREATE INDEX consents_due ON consents (status, requested_at);

-- How it came about: rows are added, never changed.
CREATE TABLE consent_events (
    seq {serial},
    tenant_id {uuid} NOT NULL,
    consent_id {uuid} NOT NULL,
    email text NOT NULL,
    user_id {uuid},
    at {int} NOT NULL,
    kind text NOT NULL,
    scope text NOT NULL,
    channel text NOT NULL,
    source text NOT NULL,
    method text NOT NULL,
    controller text NOT NULL,
    wording_id {uuid} NOT NULL,
    wording_version text NOT NULL,
    wording_sha256 {bytes} NOT NULL,
    network text,
    agent_hash {bytes}
) {strict};
CREATE INDEX consent_events_page ON consent_events (tenant_id, consent_id, seq);
CREATE INDEX consent_events_email ON consent_events (tenant_id, email);

-- The exact texts that people were shown.
CREATE TABLE consent_wordings (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    version text NOT NULL,
    sha256 {bytes} NOT NULL,
    text text NOT NULL,
    first_shown_at {int} NOT NULL,
    UNIQUE (tenant_id, sha256)
) {strict};

-- Tokens in links of mails, by their hash. `target` is a consent, or for `preferences` a contact.
CREATE TABLE consent_links (
    hash {bytes} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    kind text NOT NULL,
    target {uuid} NOT NULL,
    wording_id {uuid},
    created_at {int} NOT NULL,
    expires_at {int}
) {strict};
CREATE INDEX consent_links_target ON consent_links (tenant_id, target);

-- Who sends a tenant's marketing mail, as its foot says.
CREATE TABLE marketing_senders (
    tenant_id {uuid} PRIMARY KEY NOT NULL,
    name text NOT NULL,
    postal_address text NOT NULL,
    updated_at {int} NOT NULL
) {strict};

-- Marketing mails that a tenant ordered. `audience` is a JSON array of consents; null: all that are granted.
-- `cursor` is the last consent that was dealt with.
CREATE TABLE marketing_sends (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    key text,
    request_hash {bytes} NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    audience text,
    cursor {uuid},
    queued {int} NOT NULL,
    passed_over {int} NOT NULL,
    created_at {int} NOT NULL,
    finished_at {int},
    UNIQUE (tenant_id, key)
) {strict};
