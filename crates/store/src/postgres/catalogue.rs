//! Tenants, keys and documents: reads by the entities' scoped finders, writes as statements with the store's clock.

use async_trait::async_trait;
use levqor_entities::{api_keys, tenants, workflows};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{
    PostgresStore,
    error::{orm_error, store_error},
};
use crate::{
    ApiKey, Catalogue, KeyId, NewWorkflow, PutFate, StoreError, Tenant, TenantId, Timestamp, Workflow,
    WorkflowId,
};

/// A version is immutable: only a new one moves the schedule of its name, in the same commit.
const PUT: &str = "
WITH won AS (
    INSERT INTO workflows (id, tenant_id, namespace, name, version, hash, document, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, now_us())
    ON CONFLICT (tenant_id, namespace, name, version) DO NOTHING RETURNING id
), scheduled AS (
    INSERT INTO schedules (tenant_id, namespace, name, workflow_id, spec, next_due)
    SELECT $2, $3, $4, won.id, $8::text, $9::int8 FROM won WHERE $8 IS NOT NULL
    ON CONFLICT (tenant_id, namespace, name)
    DO UPDATE SET workflow_id = excluded.workflow_id, spec = excluded.spec, next_due = excluded.next_due
), unscheduled AS (
    DELETE FROM schedules
    WHERE tenant_id = $2 AND namespace = $3 AND name = $4 AND $8 IS NULL AND EXISTS (SELECT FROM won)
)
SELECT id FROM won";

const STORED: &str =
    "SELECT id, hash FROM workflows WHERE tenant_id = $1 AND namespace = $2 AND name = $3 AND version = $4";

const CREATE_TENANT: &str = "INSERT INTO tenants (id, name, plan, created_at) VALUES ($1, $2, $3, now_us())";

const CREATE_KEY: &str = "
INSERT INTO api_keys (id, tenant_id, name, hash, prefix, created_at) VALUES ($1, $2, $3, $4, $5, now_us())";

const REVOKE: &str = "
UPDATE api_keys SET revoked_at = COALESCE(revoked_at, now_us()) WHERE tenant_id = $1 AND id = $2 RETURNING true";

fn hash(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt("a hash is not 32 bytes long".to_owned()))
}

fn key(model: api_keys::Model, plan: &str) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: model.id,
        tenant: model.tenant_id,
        name: model.name,
        hash: hash(model.hash)?,
        prefix: model.prefix,
        plan: plan.to_owned(),
        created_at: model.created_at,
        revoked_at: model.revoked_at,
    })
}

fn workflow(model: workflows::Model) -> Result<Workflow, StoreError> {
    Ok(Workflow {
        id: model.id,
        tenant: model.tenant_id,
        namespace: model.namespace,
        name: model.name,
        version: model.version,
        hash: hash(model.hash)?,
        document: model.document,
        created_at: model.created_at,
    })
}

/// A row of a listing: all of a workflow but the document.
type Listed = (WorkflowId, TenantId, String, String, String, Vec<u8>, Timestamp);

impl PostgresStore {
    async fn plan(&self, tenant: TenantId) -> Result<Option<String>, StoreError> {
        let found = tenants::secure_find(tenant)
            .one(&self.orm)
            .await
            .map_err(orm_error)?;
        Ok(found.map(|tenant| tenant.plan))
    }

    async fn listed<E>(&self, select: Select<E>) -> Result<Vec<Workflow>, StoreError>
    where
        E: EntityTrait,
    {
        use workflows::Column::{CreatedAt, Hash, Id, Name, Namespace, TenantId, Version};
        let select = select
            .select_only()
            .columns([Id, TenantId, Namespace, Name, Version, Hash, CreatedAt]);
        let rows: Vec<Listed> = select.into_tuple().all(&self.orm).await.map_err(orm_error)?;
        let read = |(id, tenant_id, namespace, name, version, hash, created_at)| {
            let document = Vec::new();
            workflow(workflows::Model {
                id,
                tenant_id,
                namespace,
                name,
                version,
                hash,
                document,
                created_at,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

#[async_trait]
impl Catalogue for PostgresStore {
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let query = sqlx::query(CREATE_TENANT)
            .bind(tenant.id.0)
            .bind(&tenant.name)
            .bind(&tenant.plan);
        query.execute(&self.hot).await.map(drop).map_err(store_error)
    }

    async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let found = tenants::find_by_name(name)
            .one(&self.orm)
            .await
            .map_err(orm_error)?;
        Ok(found.map(|tenant| Tenant {
            id: tenant.id,
            name: tenant.name,
            plan: tenant.plan,
        }))
    }

    async fn create_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let query = sqlx::query(CREATE_KEY)
            .bind(key.id.0)
            .bind(key.tenant.0)
            .bind(&key.name);
        let query = query.bind(key.hash.as_slice()).bind(&key.prefix);
        query.execute(&self.hot).await.map(drop).map_err(store_error)
    }

    async fn keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let Some(plan) = self.plan(tenant).await? else {
            return Ok(Vec::new());
        };
        let found = api_keys::secure_find(tenant).order_by_desc(api_keys::Column::Id);
        let found = found.all(&self.orm).await.map_err(orm_error)?;
        found.into_iter().map(|model| key(model, &plan)).collect()
    }

    async fn key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let found = api_keys::find_by_hash(hash)
            .one(&self.orm)
            .await
            .map_err(orm_error)?;
        let Some(model) = found else { return Ok(None) };
        let plan = self.plan(model.tenant_id).await?;
        plan.map(|plan| key(model, &plan)).transpose()
    }

    async fn revoke_key(&self, tenant: TenantId, key: KeyId) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(REVOKE).bind(tenant.0).bind(key.0);
        let revoked: Option<bool> = query.fetch_optional(&self.hot).await.map_err(store_error)?;
        Ok(revoked.is_some())
    }

    async fn put_workflow(&self, workflow: &NewWorkflow) -> Result<PutFate, StoreError> {
        let NewWorkflow {
            id,
            tenant,
            namespace,
            name,
            version,
            document,
            ..
        } = workflow;
        let (spec, due) = workflow
            .schedule
            .as_ref()
            .map(|(spec, due)| (spec, due.0))
            .unzip();
        let query = sqlx::query_scalar(PUT)
            .bind(id.0)
            .bind(tenant.0)
            .bind(namespace)
            .bind(name)
            .bind(version);
        let query = query
            .bind(workflow.hash.as_slice())
            .bind(document)
            .bind(spec)
            .bind(due);
        let won: Option<Uuid> = query.fetch_optional(&self.hot).await.map_err(store_error)?;
        if won.is_some() {
            return Ok(PutFate::Created);
        }
        let query = sqlx::query_as(STORED)
            .bind(tenant.0)
            .bind(namespace)
            .bind(name)
            .bind(version);
        let (stored, hash): (Uuid, Vec<u8>) = query.fetch_one(&self.hot).await.map_err(store_error)?;
        let stored = WorkflowId(stored);
        Ok(match hash.as_slice() == workflow.hash {
            // A repeat of the call that stored it.
            true if stored == *id => PutFate::Created,
            true => PutFate::Unchanged(stored),
            false => PutFate::Conflict(stored),
        })
    }

    async fn workflow(&self, id: WorkflowId) -> Result<Option<Workflow>, StoreError> {
        let found = workflows::find_for_worker(id)
            .one(&self.orm)
            .await
            .map_err(orm_error)?;
        found.map(workflow).transpose()
    }

    async fn versions(
        &self,
        tenant: TenantId,
        namespace: &str,
        name: &str,
    ) -> Result<Vec<Workflow>, StoreError> {
        let select = workflows::secure_find(tenant)
            .filter(workflows::Column::Namespace.eq(namespace))
            .filter(workflows::Column::Name.eq(name))
            .order_by_asc(workflows::Column::CreatedAt)
            .order_by_asc(workflows::Column::Id);
        self.listed(select).await
    }

    async fn workflows(
        &self,
        tenant: TenantId,
        before: Option<WorkflowId>,
        limit: i64,
    ) -> Result<Vec<Workflow>, StoreError> {
        let before = before.unwrap_or(WorkflowId(Uuid::max()));
        let select = workflows::secure_find(tenant)
            .filter(workflows::Column::Id.lt(before))
            .order_by_desc(workflows::Column::Id)
            .limit(u64::try_from(limit).unwrap_or(0));
        self.listed(select).await
    }
}
