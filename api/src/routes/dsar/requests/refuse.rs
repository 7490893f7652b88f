//! `POST /api/v1/dsar/requests/{id}/refuse`.

use std::sync::Arc;

use levqor_dsar::decide::refuse;
use poem_openapi::{OpenApi, param::Path};

use super::{
    super::{id as parsed, view::RequestBody},
    reason::{self, reason},
};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Refuse(pub Arc<Shared>);

impl Failures for Refuse {
    const CODES: &'static [Code] = reason::CODES;
}

#[OpenApi]
impl Refuse {
    /// Refuse a request
    ///
    /// When it is manifestly unfounded or excessive (GDPR article 12(5)). The person is told the reason, and that they may
    /// complain.
    #[oai(
        path = "/api/v1/dsar/requests/:id/refuse",
        method = "post",
        operation_id = "refuseDataRequest",
        tag = "Tag::DataRequests"
    )]
    async fn refuse(
        &self,
        caller: Caller,
        /// The request's id.
        id: Path<String>,
        body: RawBody<Typed<reason::Given>>,
    ) -> Result<Json<RequestBody>, Failed<Self>> {
        let (id, reason) = (parsed(&id.0)?, reason(body).await?);
        let request = refuse(&self.0.api.platform, caller.tenant, caller.key, id, &reason).await?;
        Ok(Json(RequestBody::for_tenant(&self.0, request)))
    }
}
