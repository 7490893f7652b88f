-- Reports as PDF. The file is an object, `reports/<id>.pdf`; `key` makes a repeated order the same report.
CREATE TABLE reports (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL PRIMARY KEY,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('operations', 'evidence')),
    -- What it tells about: from, and before.
    period_from {int} NOT NULL,
    period_to {int} NOT NULL,
    mail_to text,
    state text NOT NULL CHECK (state IN ('queued', 'ready')),
    created_at {int} NOT NULL,
    ready_at {int},
    pages {int},
    size {int},
    sha256 {bytes},
    UNIQUE (tenant_id, key)
) {strict};
CREATE INDEX reports_listed ON reports (tenant_id, id);
CREATE INDEX reports_kept ON reports (created_at);
