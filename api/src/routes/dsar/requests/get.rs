//! `GET /api/v1/dsar/requests/{id}`.

use std::sync::Arc;

use levqor_dsar::find;
use poem_openapi::{OpenApi, param::Path};

use super::super::{id as parsed, missing, view::RequestBody};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::DsarRequestNotFound];
}

#[OpenApi]
impl Get {
    /// Read a person's request
    #[oai(
        path = "/api/v1/dsar/requests/:id",
        method = "get",
        operation_id = "getDataRequest",
        tag = "Tag::DataRequests"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The request's id.
        id: Path<String>,
    ) -> Result<Json<RequestBody>, Failed<Self>> {
        let found = find(&self.0.api.platform.db, caller.tenant, parsed(&id.0)?).await?;
        Ok(Json(RequestBody::for_tenant(&self.0, found.ok_or_else(missing)?)))
    }
}
