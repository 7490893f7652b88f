-- What was done to whose data, in chains that show when something was changed or left out. No table is referred to: the
-- trail outlives tenants and people.

-- The head of each chain; who appends holds its row.
CREATE TABLE audit_streams (
    tenant_id {uuid} NOT NULL,
    stream text NOT NULL,
    seq {int} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, stream)
) {strict};

-- `hash` covers the row before and this one's header: id, seq, at, kind, actor, subject, payload_hash. The columns
-- user_id, salt and payload hang on the header by digests, so that they can be erased.
CREATE TABLE audit_events (
    tenant_id {uuid} NOT NULL,
    stream text NOT NULL,
    seq {int} NOT NULL,
    id {uuid} NOT NULL,
    at {int} NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    subject {bytes},
    payload_hash {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    user_id {uuid},
    salt {bytes},
    payload {bytes},
    PRIMARY KEY (tenant_id, stream, seq)
) {strict};
CREATE UNIQUE INDEX audit_events_id ON audit_events (tenant_id, id);
CREATE INDEX audit_events_kind ON audit_events (tenant_id, kind, id);
CREATE INDEX audit_events_stream ON audit_events (tenant_id, stream, id);
CREATE INDEX audit_events_user ON audit_events (tenant_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_kept ON audit_events (at) WHERE payload IS NOT NULL;
