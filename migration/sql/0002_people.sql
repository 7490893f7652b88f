-- People whose data a tenant keeps, and the tokens by which they act for themselves.

-- `email` is normalised: an address names one person of a tenant. `meta` is the text of a JSON object. The terms are
-- those accepted last; the audit stream `people` holds every acceptance.
CREATE TABLE users (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    email text NOT NULL,
    name text,
    locale text,
    currency text,
    meta text NOT NULL,
    terms_version text,
    terms_at {int},
    terms_ip text,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    UNIQUE (tenant_id, email)
) {strict};
CREATE INDEX users_tenant ON users (tenant_id, id);

CREATE TABLE user_tokens (
    id {uuid} PRIMARY KEY NOT NULL,
    tenant_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash {bytes} NOT NULL UNIQUE,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    revoked_at {int}
) {strict};
CREATE INDEX user_tokens_user ON user_tokens (user_id);
CREATE INDEX user_tokens_expiry ON user_tokens (expires_at);
