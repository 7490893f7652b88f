-- Requests of people for their data (GDPR article 15), one row each. What opens a package stands apart, in dsar_grants.
CREATE TABLE dsar_requests (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL,
    origin text NOT NULL CHECK (origin IN ('user', 'key')),
    state text NOT NULL CHECK (state IN
        ('unverified', 'accepted', 'collected', 'packaged', 'stored', 'ready', 'downloaded', 'expired', 'refused', 'failed')),
    -- The clock of article 12(3).
    received_at {int} NOT NULL,
    verified_at {int},
    due_at {int} NOT NULL,
    paused_at {int},
    paused_us {int} NOT NULL,
    pause_reason text,
    resumed_at {int},
    extended_at {int},
    extension_reason text,
    refused_at {int},
    refusal_reason text,
    -- The process, and how far it is.
    run_id {uuid},
    collected_at {int},
    packaged_at {int},
    package_digest {bytes},
    package_size {int},
    stored_at {int},
    notified_at {int},
    expires_at {int},
    granted_at {int},
    reissued {int} NOT NULL,
    locked_at {int},
    expired_at {int},
    failed_at {int},
    failure text
) {strict};
CREATE INDEX dsar_requests_by_user ON dsar_requests (tenant_id, user_id, id);
CREATE INDEX dsar_requests_by_state ON dsar_requests (tenant_id, state, id);
CREATE INDEX dsar_requests_listed ON dsar_requests (tenant_id, id);
CREATE INDEX dsar_requests_stranded ON dsar_requests (verified_at) WHERE run_id IS NULL AND state = 'accepted';
CREATE INDEX dsar_requests_unanswered ON dsar_requests (verified_at)
    WHERE notified_at IS NULL AND refused_at IS NULL AND failed_at IS NULL;
CREATE INDEX dsar_requests_packages ON dsar_requests (expires_at) WHERE expired_at IS NULL;

-- What opens a package: the key it is encrypted under and the hashes of token and code. Deleted when it expires.
CREATE TABLE dsar_grants (
    tenant_id {uuid} NOT NULL,
    request_id {uuid} NOT NULL PRIMARY KEY,
    sealed_key {bytes} NOT NULL,
    confirm_hash {bytes} UNIQUE,
    confirm_until {int},
    token_hash {bytes} UNIQUE,
    code_number {int} NOT NULL,
    code_salt {bytes},
    code_hash {bytes},
    code_until {int},
    code_tries {int} NOT NULL,
    code_wrong {int} NOT NULL,
    failures {int} NOT NULL,
    burned {int} NOT NULL
) {strict};
CREATE INDEX dsar_grants_by_tenant ON dsar_grants (tenant_id, request_id);
CREATE INDEX dsar_grants_unconfirmed ON dsar_grants (confirm_until) WHERE confirm_until IS NOT NULL;
