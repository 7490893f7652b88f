//! Parsed documents, kept for the next run of the same version.

use std::{collections::HashMap, sync::Arc};

use levqor_store::{Store, StoreError, WorkflowId};
use levqor_workflow::{Known, model::Definition};
use parking_lot::Mutex;

/// Why a run has no definition to follow.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DefinitionError {
    /// Worth another try.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The version is not in the catalogue.
    #[error("workflow version {0} is not in the catalogue")]
    Missing(WorkflowId),
    /// The stored document is not one this program can run.
    #[error("workflow version {id} cannot be read: {problems}")]
    Unreadable {
        /// Which.
        id: WorkflowId,
        /// Pointers and messages.
        problems: String,
    },
}

/// A bounded cache; the version used longest ago goes first. Versions are immutable, so nothing expires.
#[derive(Debug)]
pub(crate) struct Definitions {
    capacity: usize,
    cached: Mutex<Cached>,
}

#[derive(Debug, Default)]
struct Cached {
    uses: u64,
    versions: HashMap<WorkflowId, (Arc<Definition>, u64)>,
}

impl Cached {
    fn get(&mut self, id: WorkflowId) -> Option<Arc<Definition>> {
        self.uses += 1;
        let (definition, used) = self.versions.get_mut(&id)?;
        *used = self.uses;
        Some(definition.clone())
    }

    fn put(&mut self, id: WorkflowId, definition: Arc<Definition>, capacity: usize) {
        while self.versions.len() >= capacity.max(1) {
            let Some(oldest) = self
                .versions
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(id, _)| *id)
            else {
                break;
            };
            self.versions.remove(&oldest);
        }
        self.uses += 1;
        self.versions.insert(id, (definition, self.uses));
    }
}

impl Definitions {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            cached: Mutex::default(),
        }
    }

    /// The definition, read and parsed when it is not at hand. Two that miss at once both read it.
    pub(crate) async fn get(
        &self,
        store: &dyn Store,
        id: WorkflowId,
    ) -> Result<Arc<Definition>, DefinitionError> {
        if let Some(definition) = self.cached.lock().get(id) {
            return Ok(definition);
        }
        let workflow = store.workflow(id).await?.ok_or(DefinitionError::Missing(id))?;
        let definition = Arc::new(parse(id, &workflow.document)?);
        self.cached.lock().put(id, definition.clone(), self.capacity);
        Ok(definition)
    }
}

/// Activity names are not checked here: a name this worker does not know is an error of the call, where it can be caught.
fn parse(id: WorkflowId, document: &[u8]) -> Result<Definition, DefinitionError> {
    levqor_workflow::parse(document, &Known::default()).map_err(|problems| {
        let told: Vec<_> = problems
            .iter()
            .take(3)
            .map(|p| format!("{} {}", p.pointer, p.message))
            .collect();
        DefinitionError::Unreadable {
            id,
            problems: told.join("; "),
        }
    })
}
