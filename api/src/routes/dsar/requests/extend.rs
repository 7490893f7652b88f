//! `POST /api/v1/dsar/requests/{id}/extend`.

use std::sync::Arc;

use levqor_dsar::decide::extend;
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

pub(crate) struct Extend(pub Arc<Shared>);

impl Failures for Extend {
    const CODES: &'static [Code] = reason::CODES;
}

#[OpenApi]
impl Extend {
    /// Extend a request to three months
    ///
    /// When it is complex, or one of many (GDPR article 12(3)): once, within the first month, counted from the start. The
    /// person is told the reason.
    #[oai(
        path = "/api/v1/dsar/requests/:id/extend",
        method = "post",
        operation_id = "extendDataRequest",
        tag = "Tag::DataRequests"
    )]
    async fn extend(
        &self,
        caller: Caller,
        /// The request's id.
        id: Path<String>,
        body: RawBody<Typed<reason::Given>>,
    ) -> Result<Json<RequestBody>, Failed<Self>> {
        let (id, reason) = (parsed(&id.0)?, reason(body).await?);
        let request = extend(&self.0.api.platform, caller.tenant, caller.key, id, &reason).await?;
        Ok(Json(RequestBody::for_tenant(&self.0, request)))
    }
}
