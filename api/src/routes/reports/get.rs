//! `GET /api/v1/reports/{id}`.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path};

use super::{find, view::ReportBody};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::ReportNotFound];
}

#[OpenApi]
impl Get {
    /// Read a report's state
    #[oai(
        path = "/api/v1/reports/:id",
        method = "get",
        operation_id = "getReport",
        tag = "Tag::Reports"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The report's id.
        id: Path<String>,
    ) -> Result<Json<ReportBody>, Failed<Self>> {
        let report = find(&self.0, caller, &id.0).await?;
        Ok(Json(ReportBody::new(&self.0, report)))
    }
}
