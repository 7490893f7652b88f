-- Rows of the operator's Notion databases: what they are to hold, and what Notion has of it. One row for each page, found
-- again there by its external id.
CREATE TABLE notion_rows (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL PRIMARY KEY,
    dataset text NOT NULL,
    external_id text NOT NULL,
    -- A JSON object of the dataset's fields.
    fields text NOT NULL,
    -- Grows with every change of the fields; Notion has the row when both are equal.
    version {int} NOT NULL,
    synced_version {int} NOT NULL,
    page_id text,
    attempts {int} NOT NULL,
    due {int} NOT NULL,
    reason text,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    synced_at {int},
    UNIQUE (dataset, external_id)
) {strict};
CREATE INDEX notion_rows_due ON notion_rows (due) WHERE synced_version < version;
CREATE INDEX notion_rows_kept ON notion_rows (updated_at);
CREATE INDEX notion_rows_tenant ON notion_rows (tenant_id, id);
