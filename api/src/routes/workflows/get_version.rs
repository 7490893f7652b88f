//! `GET /api/v1/workflows/{namespace}/{name}/{version}`.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path};

use super::view::WorkflowBody;
use crate::{
    auth::Caller,
    catalogue::{WorkflowName, latest, missing},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct GetVersion(pub Arc<Shared>);

impl Failures for GetVersion {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::WorkflowNotFound];
}

#[OpenApi]
impl GetVersion {
    /// Read one version of a workflow
    #[oai(
        path = "/api/v1/workflows/:namespace/:name/:version",
        method = "get",
        operation_id = "getWorkflowVersion",
        tag = "Tag::Workflows"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// Namespace of the workflow.
        namespace: Path<String>,
        /// WorkflowName of the workflow.
        name: Path<String>,
        /// The version.
        version: Path<String>,
    ) -> Result<Json<WorkflowBody>, Failed<Self>> {
        Ok(Json(
            read(&self.0, caller, namespace.0, name.0, Some(&version.0)).await?,
        ))
    }
}

/// A version with its document; the latest when none is named.
pub(super) async fn read(
    shared: &Shared,
    caller: Caller,
    namespace: String,
    name: String,
    version: Option<&str>,
) -> Result<WorkflowBody, Problem> {
    let versions = shared.store().versions(caller.tenant, &namespace, &name).await?;
    let found = match version {
        Some(wanted) => versions.iter().find(|workflow| workflow.version == wanted),
        None => latest(&versions),
    };
    let name = WorkflowName {
        tenant: caller.tenant,
        namespace,
        name,
    };
    let found = found.ok_or_else(|| missing(&name, version))?;
    let whole = shared
        .store()
        .workflow(found.id)
        .await?
        .ok_or_else(|| missing(&name, version))?;
    Ok(WorkflowBody::new(shared, whole).with_versions(&versions))
}
