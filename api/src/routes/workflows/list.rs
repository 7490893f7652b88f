//! `GET /api/v1/workflows`.

use std::sync::Arc;

use levqor_store::WorkflowId;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::WorkflowBody;
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of stored versions, newest first, without their documents.
#[derive(Serialize, Object)]
struct WorkflowPage {
    /// The versions.
    workflows: Vec<WorkflowBody>,
    /// Pass it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List workflows
    ///
    /// All versions of all names, newest first.
    #[oai(
        path = "/api/v1/workflows",
        method = "get",
        operation_id = "listWorkflows",
        tag = "Tag::Workflows"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Most versions on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<WorkflowPage>, Failed<Self>> {
        let cursors = Cursors::new("workflows".into());
        let limit = page_size(limit.0)?;
        let before = cursors.start(cursor.0.as_deref())?.map(WorkflowId);
        let mut found = self.0.store().workflows(caller.tenant, before, limit + 1).await?;
        let next_cursor = cursors.cut(&mut found, limit, |workflow| workflow.id.0);
        let workflows = found
            .into_iter()
            .map(|workflow| WorkflowBody::new(&self.0, workflow))
            .collect();
        Ok(Json(WorkflowPage {
            workflows,
            next_cursor,
        }))
    }
}
