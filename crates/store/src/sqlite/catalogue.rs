//! Tenants, keys and documents.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;

use super::writer::Tx;
use super::{SqliteStore, get};
use crate::{
    ApiKey, Catalogue, KeyId, NewWorkflow, PutFate, StoreError, Tenant, TenantId, Timestamp, Workflow,
    WorkflowId,
};

macro_rules! keys {
    ($where:literal) => {
        concat!(
            "SELECT k.id, k.tenant_id, k.name, k.hash, k.prefix, t.plan, k.created_at, k.revoked_at
             FROM api_keys AS k JOIN tenants AS t ON t.id = k.tenant_id WHERE ",
            $where
        )
    };
}

macro_rules! workflows {
    ($document:literal, $where:literal) => {
        concat!(
            "SELECT id, tenant_id, namespace, name, version, hash, ",
            $document,
            ", created_at FROM workflows WHERE ",
            $where
        )
    };
}

const SCHEDULE: &str = "
INSERT INTO schedules (tenant_id, namespace, name, workflow_id, spec, next_due) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (tenant_id, namespace, name)
DO UPDATE SET workflow_id = excluded.workflow_id, spec = excluded.spec, next_due = excluded.next_due";

#[async_trait]
impl Catalogue for SqliteStore {
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let tenant = tenant.clone();
        self.write(1, move |tx| {
            Box::pin(async move {
                let now = tx.now;
                let insert =
                    sqlx::query("INSERT INTO tenants (id, name, plan, created_at) VALUES (?1, ?2, ?3, ?4)");
                let insert = insert
                    .bind(tenant.id.0)
                    .bind(tenant.name)
                    .bind(tenant.plan)
                    .bind(now.0);
                tx.execute(insert).await.map(drop)
            })
        })
        .await
    }

    async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let row = self
            .read_first(sqlx::query("SELECT id, name, plan FROM tenants WHERE name = ?1").bind(name))
            .await?;
        let tenant = |row: &SqliteRow| {
            Ok(Tenant {
                id: TenantId(get(row, 0)?),
                name: get(row, 1)?,
                plan: get(row, 2)?,
            })
        };
        row.as_ref().map(tenant).transpose()
    }

    async fn create_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(1, move |tx| Box::pin(async move { create_key(tx, key).await }))
            .await
    }

    async fn keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let select = sqlx::query(keys!("k.tenant_id = ?1 ORDER BY k.id DESC")).bind(tenant.0);
        self.read(select).await?.iter().map(api_key).collect()
    }

    async fn key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let select = sqlx::query(keys!("k.hash = ?1")).bind(hash.as_slice());
        self.read_first(select).await?.as_ref().map(api_key).transpose()
    }

    async fn revoke_key(&self, tenant: TenantId, key: KeyId) -> Result<bool, StoreError> {
        self.write(1, move |tx| {
            Box::pin(async move {
                let now = tx.now;
                let update = sqlx::query(
                    "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?3) WHERE id = ?1 AND tenant_id = ?2",
                );
                let revoked = tx.execute(update.bind(key.0).bind(tenant.0).bind(now.0)).await?;
                Ok(revoked.rows_affected() == 1)
            })
        })
        .await
    }

    async fn put_workflow(&self, workflow: &NewWorkflow) -> Result<PutFate, StoreError> {
        let workflow = workflow.clone();
        self.write(1, move |tx| Box::pin(async move { put(tx, &workflow).await }))
            .await
    }

    async fn workflow(&self, id: WorkflowId) -> Result<Option<Workflow>, StoreError> {
        let select = sqlx::query(workflows!("document", "id = ?1")).bind(id.0);
        self.read_first(select).await?.as_ref().map(stored).transpose()
    }

    async fn versions(
        &self,
        tenant: TenantId,
        namespace: &str,
        name: &str,
    ) -> Result<Vec<Workflow>, StoreError> {
        let sql = workflows!(
            "x''",
            "tenant_id = ?1 AND namespace = ?2 AND name = ?3 ORDER BY rowid"
        );
        let select = sqlx::query(sql).bind(tenant.0).bind(namespace).bind(name);
        self.read(select).await?.iter().map(stored).collect()
    }

    async fn workflows(
        &self,
        tenant: TenantId,
        before: Option<WorkflowId>,
        limit: i64,
    ) -> Result<Vec<Workflow>, StoreError> {
        let sql = workflows!(
            "x''",
            "tenant_id = ?1 AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3"
        );
        let select = sqlx::query(sql)
            .bind(tenant.0)
            .bind(before.map(|id| id.0))
            .bind(limit);
        self.read(select).await?.iter().map(stored).collect()
    }
}

async fn create_key(tx: &mut Tx, key: ApiKey) -> Result<(), StoreError> {
    let now = tx.now;
    let insert = sqlx::query(
        "INSERT INTO api_keys (id, tenant_id, name, hash, prefix, created_at, revoked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    );
    let insert = insert
        .bind(key.id.0)
        .bind(key.tenant.0)
        .bind(key.name)
        .bind(key.hash.to_vec())
        .bind(key.prefix)
        .bind(now.0)
        .bind(key.revoked_at.map(|at| at.0));
    tx.execute(insert).await.map(drop)
}

/// Versions are immutable; only a version stored now moves the schedule of its name.
async fn put(tx: &mut Tx, workflow: &NewWorkflow) -> Result<PutFate, StoreError> {
    let select = sqlx::query(
        "SELECT id, hash FROM workflows WHERE tenant_id = ?1 AND namespace = ?2 AND name = ?3 AND version = ?4",
    );
    let select = select
        .bind(workflow.tenant.0)
        .bind(&workflow.namespace)
        .bind(&workflow.name)
        .bind(&workflow.version);
    if let Some(row) = tx.first(select).await? {
        let id = WorkflowId(get(&row, 0)?);
        let same = get::<&[u8], _>(&row, 1)? == workflow.hash;
        return Ok(match same {
            // A repeat of the call that stored it.
            true if id == workflow.id => PutFate::Created,
            true => PutFate::Unchanged(id),
            false => PutFate::Conflict(id),
        });
    }
    let now = tx.now;
    let insert = sqlx::query(
        "INSERT INTO workflows (id, tenant_id, namespace, name, version, hash, document, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    );
    let insert = insert
        .bind(workflow.id.0)
        .bind(workflow.tenant.0)
        .bind(&workflow.namespace)
        .bind(&workflow.name)
        .bind(&workflow.version)
        .bind(workflow.hash.as_slice())
        .bind(&workflow.document)
        .bind(now.0);
    tx.execute(insert).await?;
    schedule(tx, workflow).await?;
    Ok(PutFate::Created)
}

async fn schedule(tx: &mut Tx, workflow: &NewWorkflow) -> Result<(), StoreError> {
    let query = match &workflow.schedule {
        Some(_) => sqlx::query(SCHEDULE),
        None => sqlx::query("DELETE FROM schedules WHERE tenant_id = ?1 AND namespace = ?2 AND name = ?3"),
    };
    let query = query
        .bind(workflow.tenant.0)
        .bind(&workflow.namespace)
        .bind(&workflow.name);
    let query = match &workflow.schedule {
        Some((spec, due)) => query.bind(workflow.id.0).bind(spec).bind(due.0),
        None => query,
    };
    tx.execute(query).await.map(drop)
}

fn hash(row: &SqliteRow, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes: &[u8] = get(row, column)?;
    bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt(format!("a hash of {} bytes", bytes.len())))
}

fn api_key(row: &SqliteRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: KeyId(get(row, 0)?),
        tenant: TenantId(get(row, 1)?),
        name: get(row, 2)?,
        hash: hash(row, 3)?,
        prefix: get(row, 4)?,
        plan: get(row, 5)?,
        created_at: Timestamp(get(row, 6)?),
        revoked_at: get::<Option<i64>, _>(row, 7)?.map(Timestamp),
    })
}

fn stored(row: &SqliteRow) -> Result<Workflow, StoreError> {
    Ok(Workflow {
        id: WorkflowId(get(row, 0)?),
        tenant: TenantId(get(row, 1)?),
        namespace: get(row, 2)?,
        name: get(row, 3)?,
        version: get(row, 4)?,
        hash: hash(row, 5)?,
        document: get(row, 6)?,
        created_at: Timestamp(get(row, 7)?),
    })
}
