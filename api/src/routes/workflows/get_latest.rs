//! `GET /api/v1/workflows/{namespace}/{name}`.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path};

use super::{get_version::read, view::WorkflowBody};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct GetLatest(pub Arc<Shared>);

impl Failures for GetLatest {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::WorkflowNotFound];
}

#[OpenApi]
impl GetLatest {
    /// Read the latest version of a workflow
    ///
    /// The highest semantic version that is no pre-release, else the version stored last.
    #[oai(
        path = "/api/v1/workflows/:namespace/:name",
        method = "get",
        operation_id = "getWorkflow",
        tag = "Tag::Workflows"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// Namespace of the workflow.
        namespace: Path<String>,
        /// Name of the workflow.
        name: Path<String>,
    ) -> Result<Json<WorkflowBody>, Failed<Self>> {
        Ok(Json(read(&self.0, caller, namespace.0, name.0, None).await?))
    }
}
