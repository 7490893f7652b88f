//! `POST /api/v1/workflows`.

use std::sync::Arc;

use levqor_store::{NewWorkflow, PutFate, Timestamp, WorkflowId};
use levqor_workflow::{
    canonical, hash,
    model::{Definition, Schedule},
    schedule,
};
use poem_openapi::{ApiResponse, OpenApi};

use super::{
    document::{DocumentForm, parse},
    view::WorkflowBody,
};
use crate::{
    auth::Caller,
    body::RawBody,
    catalogue::WorkflowName,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Create(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// Stored as a new version.
    #[oai(status = 201)]
    Created(
        Json<WorkflowBody>,
        /// The version's URL.
        #[oai(header = "Location")]
        String,
    ),
    /// The same document was stored before under this version; nothing has changed.
    #[oai(status = 200)]
    Unchanged(Json<WorkflowBody>),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::NamespaceReserved,
        Code::VersionConflict,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::InvalidDocument,
    ];
}

#[OpenApi]
impl Create {
    /// Store a workflow document
    ///
    /// A version is stored once and never changes. A document that is not valid is refused with all its problems.
    #[oai(
        path = "/api/v1/workflows",
        method = "post",
        operation_id = "createWorkflow",
        tag = "Tag::Workflows"
    )]
    async fn create(&self, caller: Caller, body: RawBody<DocumentForm>) -> Result<Answer, Failed<Self>> {
        let definition = parse(&self.0, &body.read().await?)?;
        ours(&definition)?;
        let new = self.row(caller, &definition).await?;
        let fate = self.0.store().put_workflow(&new).await?;
        let name = WorkflowName {
            tenant: caller.tenant,
            namespace: new.namespace.clone(),
            name: new.name.clone(),
        };
        self.0.catalogue.forget(&name);
        let (id, created) = match fate {
            PutFate::Created => (new.id, true),
            PutFate::Unchanged(id) => (id, false),
            PutFate::Conflict(_) => return Err(conflict(&new).into()),
        };
        let stored = self.0.store().workflow(id).await?;
        let stored = stored.ok_or_else(|| Problem::new(Code::Internal, "The stored workflow is gone."))?;
        let view = WorkflowBody::new(&self.0, stored);
        let url = view.url.clone();
        Ok(if created {
            Answer::Created(Json(view), url)
        } else {
            Answer::Unchanged(Json(view))
        })
    }
}

impl Create {
    async fn row(&self, caller: Caller, definition: &Definition) -> Result<NewWorkflow, Problem> {
        let document = canonical(definition);
        let schedule = match &definition.schedule {
            Some(schedule) => first_tick(schedule, self.0.store().now().await?)?,
            None => None,
        };
        Ok(NewWorkflow {
            id: WorkflowId(self.0.api.ids.uuid_v7()),
            tenant: caller.tenant,
            namespace: definition.document.namespace.clone(),
            name: definition.document.name.clone(),
            version: definition.document.version.clone(),
            hash: hash(&document),
            document,
            schedule,
        })
    }
}

/// The stored form of a schedule and its first due time; None when it never comes.
fn first_tick(schedule: &Schedule, now: Timestamp) -> Result<Option<(String, Timestamp)>, Problem> {
    let spec = serde_json::to_string(schedule)
        .map_err(|error| Problem::new(Code::InvalidDocument, error.to_string()).at("/schedule"))?;
    Ok(schedule::next(schedule, now.0).map(|due| (spec, Timestamp(due))))
}

/// Our own processes are installed where they run; nobody else's document may pass for one.
fn ours(definition: &Definition) -> Result<(), Problem> {
    if definition.document.namespace == levqor_processes::NAMESPACE {
        let detail = "The namespace levqor holds the processes of the installation.";
        return Err(Problem::new(Code::NamespaceReserved, detail).at("/document/namespace"));
    }
    Ok(())
}

fn conflict(new: &NewWorkflow) -> Problem {
    let NewWorkflow {
        namespace,
        name,
        version,
        ..
    } = new;
    let detail = format!("Another document is stored as {namespace}/{name}:{version}.");
    Problem::new(Code::VersionConflict, detail).at("/document/version")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_schedule_is_stored_with_its_first_due_time() {
        let every = first_tick(&Schedule::Every(Duration::from_millis(90_500)), Timestamp(1_000))
            .unwrap()
            .unwrap();
        assert_eq!(
            every,
            (
                r#"{"every":{"secs":90,"nanos":500000000}}"#.to_owned(),
                Timestamp(90_501_000)
            )
        );
        let cron = first_tick(&Schedule::Cron("0 0 * * *".into()), Timestamp(0))
            .unwrap()
            .unwrap();
        assert_eq!(
            cron,
            (r#"{"cron":"0 0 * * *"}"#.to_owned(), Timestamp(86_400_000_000))
        );
    }

    #[test]
    fn a_schedule_that_never_comes_due_is_none() {
        assert_eq!(
            first_tick(&Schedule::Cron("0 0 30 2 *".into()), Timestamp(0)).unwrap(),
            None
        );
    }
}
