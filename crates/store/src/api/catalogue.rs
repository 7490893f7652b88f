//! Tenants, keys and workflow documents: small, cached by callers for at most a second.

use async_trait::async_trait;

use crate::{KeyId, StoreError, TenantId, Timestamp, WorkflowId};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Which.
    pub id: TenantId,
    /// For people; unique.
    pub name: String,
    /// `sandbox`, `pro` or `enterprise`: sets the rate of its keys.
    pub plan: String,
}

/// A key as it is checked; the secret itself is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Which.
    pub id: KeyId,
    /// Whose.
    pub tenant: TenantId,
    /// For people.
    pub name: String,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// The secret's first characters, for people.
    pub prefix: String,
    /// The tenant's plan.
    pub plan: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Refused from then on.
    pub revoked_at: Option<Timestamp>,
}

/// A stored version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// Which.
    pub id: WorkflowId,
    /// Whose.
    pub tenant: TenantId,
    /// `document.namespace`.
    pub namespace: String,
    /// `document.name`.
    pub name: String,
    /// `document.version`, a semantic version.
    pub version: String,
    /// SHA-256 of the canonical JSON.
    pub hash: [u8; 32],
    /// The document as canonical JSON.
    pub document: Vec<u8>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// A document to store, with the schedule its name is to have.
#[derive(Clone, Debug)]
pub struct NewWorkflow {
    /// Made by the caller.
    pub id: WorkflowId,
    /// Whose.
    pub tenant: TenantId,
    /// `document.namespace`.
    pub namespace: String,
    /// `document.name`.
    pub name: String,
    /// `document.version`.
    pub version: String,
    /// SHA-256 of the canonical JSON.
    pub hash: [u8; 32],
    /// Canonical JSON.
    pub document: Vec<u8>,
    /// The schedule that this version gives its name: spec (JSON text) and first due time. None removes the schedule.
    pub schedule: Option<(String, Timestamp)>,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutFate {
    /// Stored now.
    Created,
    /// The same document was stored before under this version.
    Unchanged(WorkflowId),
    /// Another document was stored before under this version; versions are immutable.
    Conflict(WorkflowId),
}

/// Reads and writes of the catalogue.
#[async_trait]
pub trait Catalogue {
    /// Makes a tenant.
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError>;

    /// A tenant by its name.
    async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError>;

    /// Makes a key; `created_at` is set by the store.
    async fn create_key(&self, key: &ApiKey) -> Result<(), StoreError>;

    /// Keys of a tenant, newest first.
    async fn keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, StoreError>;

    /// The key with this hash, of any tenant, revoked or not.
    async fn key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError>;

    /// Revokes; false when there is no such key in this tenant.
    async fn revoke_key(&self, tenant: TenantId, key: KeyId) -> Result<bool, StoreError>;

    /// Stores a version and moves the schedule of its name, in one commit.
    async fn put_workflow(&self, workflow: &NewWorkflow) -> Result<PutFate, StoreError>;

    /// By id, of any tenant: for workers, which got the id from a run they own.
    async fn workflow(&self, id: WorkflowId) -> Result<Option<Workflow>, StoreError>;

    /// All versions of a name, without their documents (empty `document`), in order of storing.
    async fn versions(
        &self,
        tenant: TenantId,
        namespace: &str,
        name: &str,
    ) -> Result<Vec<Workflow>, StoreError>;

    /// Workflows of a tenant, newest first, without documents, older than the cursor.
    async fn workflows(
        &self,
        tenant: TenantId,
        before: Option<WorkflowId>,
        limit: i64,
    ) -> Result<Vec<Workflow>, StoreError>;
}
