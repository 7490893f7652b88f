//! Our own processes. Each is a document in `workflows/`; Rust holds only the activities it calls.
//!
//! A process that serves a tenant runs in that tenant, where its owner can see it; it is installed there when it is
//! first needed. One that serves the installation runs in a tenant of its own, [`SYSTEM`].

mod documents;
mod install;
mod start;
mod wake;

use std::{collections::HashMap, sync::Arc};

use levqor_queue::Queue;
use levqor_store::{IdSource, Store, StoreError, TenantId, WorkflowId};
use parking_lot::Mutex;
use uuid::Uuid;

pub use documents::{DOCUMENTS, Document, document};

/// Namespace of our documents; callers cannot store documents in it.
pub const NAMESPACE: &str = "levqor";

/// Begins idempotency keys of our own starts; callers cannot use keys that begin so.
pub const KEY_PREFIX: &str = "levqor/";

/// The installation itself as a tenant: it has no API key.
pub const SYSTEM: TenantId = TenantId(Uuid::from_u128(0x0000_0000_0000_7000_8000_6c65_7671_6f72));

/// Why a process could not be installed or started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// There is no such document in this program.
    #[error("there is no process named {0}")]
    Unknown(String),
    /// A document of ours is wrong, or was changed without a new version; a mistake of this program.
    #[error("the document of process {0} cannot be stored: {1}")]
    Document(&'static str, String),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Installs and starts processes. Cheap to clone.
#[derive(Clone)]
pub struct Processes {
    store: Arc<dyn Store>,
    queue: Arc<dyn Queue>,
    ids: Arc<dyn IdSource>,
    installed: Arc<Mutex<HashMap<(TenantId, &'static str), WorkflowId>>>,
}

impl Processes {
    /// Over the database and queue of this process.
    pub fn new(store: Arc<dyn Store>, queue: Arc<dyn Queue>, ids: Arc<dyn IdSource>) -> Self {
        Self {
            store,
            queue,
            ids,
            installed: Arc::default(),
        }
    }
}
