//! Putting a document where it is to run.

use levqor_store::{NewWorkflow, PutFate, Tenant, TenantId, Timestamp, WorkflowId};
use levqor_workflow::{Known, canonical, hash, model::Definition, schedule};

use crate::{DOCUMENTS, Document, ProcessError, Processes, SYSTEM};

impl Processes {
    /// Makes the installation's own tenant and puts its processes there, schedules included. Safe to repeat, and to do
    /// in several processes at once.
    ///
    /// # Errors
    /// The database is away, or a document is wrong.
    pub async fn install_system(&self) -> Result<(), ProcessError> {
        if self.store.tenant_by_name("levqor").await?.is_none() {
            let tenant = Tenant {
                id: SYSTEM,
                name: "levqor".to_owned(),
                plan: "enterprise".to_owned(),
            };
            if let Err(error) = self.store.create_tenant(&tenant).await {
                // Another process may have been faster.
                self.store.tenant_by_name("levqor").await?.ok_or(error)?;
            }
        }
        for document in DOCUMENTS.iter().filter(|document| document.system) {
            self.install(SYSTEM, document).await?;
        }
        Ok(())
    }

    /// The version of our document in this tenant, stored when it is not there yet.
    pub(crate) async fn install(
        &self,
        tenant: TenantId,
        document: &'static Document,
    ) -> Result<WorkflowId, ProcessError> {
        let key = (tenant, document.name);
        if let Some(id) = self.installed.lock().get(&key) {
            return Ok(*id);
        }
        let definition = parse(document)?;
        let new = self.row(tenant, &definition).await?;
        let id = match self.store.put_workflow(&new).await? {
            PutFate::Created => new.id,
            PutFate::Unchanged(id) => id,
            PutFate::Conflict(_) => {
                let why = "its text was changed without a new version".to_owned();
                return Err(ProcessError::Document(document.name, why));
            }
        };
        self.installed.lock().insert(key, id);
        Ok(id)
    }

    async fn row(&self, tenant: TenantId, definition: &Definition) -> Result<NewWorkflow, ProcessError> {
        let document = canonical(definition);
        let schedule = match &definition.schedule {
            Some(schedule) => schedule::next(schedule, self.store.now().await?.0)
                .and_then(|due| Some((serde_json::to_string(schedule).ok()?, Timestamp(due)))),
            None => None,
        };
        Ok(NewWorkflow {
            id: WorkflowId(self.ids.uuid_v7()),
            tenant,
            namespace: definition.document.namespace.clone(),
            name: definition.document.name.clone(),
            version: definition.document.version.clone(),
            hash: hash(&document),
            document,
            schedule,
        })
    }
}

fn parse(document: &Document) -> Result<Definition, ProcessError> {
    // Which activities there are is the worker's to know; a test of the binary holds the documents against its list.
    levqor_workflow::parse(document.text.as_bytes(), &Known::default()).map_err(|problems| {
        let first = problems.first().map_or_else(String::new, |problem| {
            format!("{}: {}", problem.pointer, problem.message)
        });
        ProcessError::Document(document.name, first)
    })
}
