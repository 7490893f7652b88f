//! Workflow documents as intake needs them: which version a request means and what its payload must look like. In
//! memory; which versions there are is at most a second old, the versions themselves never change.

mod lanes;
mod prepared;
mod version;

use std::{collections::HashMap, sync::Arc, time::Duration};

use levqor_platform::Cache;
use levqor_store::{Store, StoreError, TenantId, Workflow, WorkflowId};
use parking_lot::Mutex;

pub(crate) use lanes::Lanes;
pub(crate) use prepared::Prepared;
pub(crate) use version::latest;

use crate::error::{Code, Problem};

/// How long a list of versions is believed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Most names in memory.
const NAMES: usize = 10_000;

/// Most versions in memory, with their compiled schemas.
const VERSIONS: usize = 2_000;

/// A workflow's name, any version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WorkflowName {
    pub tenant: TenantId,
    pub namespace: String,
    pub name: String,
}

pub(crate) struct Catalogue {
    names: Cache<WorkflowName, Arc<Vec<Workflow>>>,
    prepared: Mutex<HashMap<WorkflowId, Arc<Prepared>>>,
}

impl Catalogue {
    pub(crate) fn new() -> Self {
        Self {
            names: Cache::new(MAX_AGE, NAMES),
            prepared: Mutex::default(),
        }
    }

    /// The version a request means, ready to check payloads: the one named, or the latest.
    pub(crate) async fn resolve(
        &self,
        store: &dyn Store,
        now: impl Fn() -> Duration,
        name: &WorkflowName,
        version: Option<&str>,
    ) -> Result<Arc<Prepared>, Problem> {
        let versions = self.versions(store, &now, name).await?;
        let mut found = pick(&versions, version);
        if found.is_none() {
            // Another process may have stored it within the last second.
            self.names.forget(name);
            found = pick(&self.versions(store, &now, name).await?, version);
        }
        let id = found.ok_or_else(|| missing(name, version))?;
        self.prepare(store, id).await
    }

    /// Forgets which versions a name has, after this process has stored one.
    pub(crate) fn forget(&self, name: &WorkflowName) {
        self.names.forget(name);
    }

    async fn versions(
        &self,
        store: &dyn Store,
        now: impl Fn() -> Duration,
        name: &WorkflowName,
    ) -> Result<Arc<Vec<Workflow>>, StoreError> {
        let load = async || {
            store
                .versions(name.tenant, &name.namespace, &name.name)
                .await
                .map(Arc::new)
        };
        self.names.get(name.clone(), now, load).await
    }

    async fn prepare(&self, store: &dyn Store, id: WorkflowId) -> Result<Arc<Prepared>, Problem> {
        if let Some(prepared) = self.prepared.lock().get(&id) {
            return Ok(Arc::clone(prepared));
        }
        let workflow = store.workflow(id).await?;
        let workflow =
            workflow.ok_or_else(|| Problem::new(Code::WorkflowNotFound, "The version is gone."))?;
        let prepared = Arc::new(Prepared::new(id, &workflow.document)?);
        let mut all = self.prepared.lock();
        if all.len() >= VERSIONS {
            all.clear();
        }
        all.insert(id, Arc::clone(&prepared));
        Ok(prepared)
    }
}

fn pick(versions: &[Workflow], version: Option<&str>) -> Option<WorkflowId> {
    let found = match version {
        Some(wanted) => versions.iter().find(|workflow| workflow.version == wanted),
        None => latest(versions),
    };
    found.map(|workflow| workflow.id)
}

/// The problem of a name or version that is not there.
pub(crate) fn missing(name: &WorkflowName, version: Option<&str>) -> Problem {
    let WorkflowName { namespace, name, .. } = name;
    let detail = match version {
        Some(version) => format!("There is no workflow {namespace}/{name} of version {version}."),
        None => format!("There is no workflow {namespace}/{name}."),
    };
    Problem::new(Code::WorkflowNotFound, detail)
}
