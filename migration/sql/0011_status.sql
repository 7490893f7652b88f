-- The status of the service as people see it: a snapshot for each slot of time, incidents, and what operators say of them.
-- No row is about a tenant.
CREATE TABLE status_snapshots (
    -- Beginning of the slot. A slot has one snapshot, whoever leads.
    slot {int} NOT NULL PRIMARY KEY,
    -- Length of the slot, in microseconds.
    length {int} NOT NULL,
    -- When it was measured.
    at {int} NOT NULL,
    state text NOT NULL CHECK (state IN ('operational', 'degraded', 'down', 'unknown')),
    -- JSON array of components: name, state, figures.
    components text NOT NULL
) {strict};
CREATE INDEX status_snapshots_kept ON status_snapshots (at);

CREATE TABLE status_incidents (
    id {uuid} NOT NULL PRIMARY KEY,
    -- The component whose snapshots opened it; NULL when an operator did.
    component text,
    impact text NOT NULL CHECK (impact IN ('degraded', 'down')),
    title text NOT NULL,
    opened_at {int} NOT NULL,
    closed_at {int}
) {strict};
-- A component has one open incident.
CREATE UNIQUE INDEX status_incidents_open ON status_incidents (component) WHERE closed_at IS NULL;
CREATE INDEX status_incidents_kept ON status_incidents (closed_at);

CREATE TABLE status_notes (
    id {uuid} NOT NULL PRIMARY KEY,
    incident_id {uuid} NOT NULL,
    at {int} NOT NULL,
    text text NOT NULL
) {strict};
CREATE INDEX status_notes_told ON status_notes (incident_id, at);
CREATE INDEX status_notes_kept ON status_notes (at);

-- What the probe of the database writes and reads again.
CREATE TABLE status_probe (
    one {int} NOT NULL PRIMARY KEY CHECK (one = 1),
    at {int} NOT NULL
) {strict};
INSERT INTO status_probe (one, at) VALUES (1, 0);
