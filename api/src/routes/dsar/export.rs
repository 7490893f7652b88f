//! `GET /api/dsar/exports/{id}`.

use std::sync::Arc;

use levqor_dsar::own;
use poem_openapi::{OpenApi, param::Path};

use super::{id as parsed, missing, view::RequestBody};
use crate::{
    auth::SignedIn,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Export(pub Arc<Shared>);

impl Failures for Export {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::DsarRequestNotFound];
}

#[OpenApi]
impl Export {
    /// Follow one's own request
    ///
    /// Its state, due date, progress and what happened so far.
    #[oai(
        path = "/api/dsar/exports/:id",
        method = "get",
        operation_id = "getDataExport",
        tag = "Tag::DataRequests"
    )]
    async fn get(
        &self,
        person: SignedIn,
        /// The request's id.
        id: Path<String>,
    ) -> Result<Json<RequestBody>, Failed<Self>> {
        let id = parsed(&id.0)?;
        let found = own(&self.0.api.platform.db, person.tenant, person.user, id).await?;
        Ok(Json(RequestBody::for_person(found.ok_or_else(missing)?)))
    }
}
