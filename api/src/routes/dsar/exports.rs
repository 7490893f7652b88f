//! `GET /api/dsar/exports`.

use std::sync::Arc;

use levqor_dsar::{DsarId, Filter, list};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::RequestBody;
use crate::{
    auth::SignedIn,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Exports(pub Arc<Shared>);

/// A page of requests, newest first.
#[derive(Serialize, Object)]
#[oai(rename = "DataRequestPage")]
pub(super) struct Page {
    /// The requests.
    pub requests: Vec<RequestBody>,
    /// Pass it as `cursor`, with the same filters, for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Failures for Exports {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl Exports {
    /// List one's own requests
    ///
    /// Newest first. Requests that somebody made for the person and that they did not confirm are not among them.
    #[oai(
        path = "/api/dsar/exports",
        method = "get",
        operation_id = "listDataExports",
        tag = "Tag::DataRequests"
    )]
    async fn list(
        &self,
        person: SignedIn,
        /// Most requests on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<Page>, Failed<Self>> {
        let cursors = Cursors::new(format!("exports {}", person.user));
        let before = cursors.start(cursor.0.as_deref())?;
        let filter = Filter {
            user: Some(person.user),
            verified: true,
            before: before.map(DsarId),
            ..Filter::default()
        };
        let limit = page_size(limit.0)?;
        let found = list(
            &self.0.api.platform.db,
            person.tenant,
            &filter,
            limit.unsigned_abs() + 1,
        )
        .await?;
        Ok(Json(page(found, limit, &cursors, RequestBody::for_person)))
    }
}

pub(super) fn page(
    mut found: Vec<levqor_dsar::Request>,
    limit: i64,
    cursors: &Cursors,
    body: impl Fn(levqor_dsar::Request) -> RequestBody,
) -> Page {
    Page {
        next_cursor: cursors.cut(&mut found, limit, |request| request.id.0),
        requests: found.into_iter().map(body).collect(),
    }
}
