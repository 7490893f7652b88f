//! `GET /api/v1/dsar/requests`.

use std::sync::Arc;

use levqor_dsar::{DsarId, Filter, list, state};
use poem_openapi::{OpenApi, param::Query};

use super::super::{
    exports::{Page, page},
    view::RequestBody,
};
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct List(pub Arc<Shared>);

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List people's requests
    ///
    /// Newest first. All conditions hold at once.
    #[oai(
        path = "/api/v1/dsar/requests",
        method = "get",
        operation_id = "listDataRequests",
        tag = "Tag::DataRequests"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Only requests in this state.
        state: Query<Option<String>>,
        /// Only requests of this person.
        user_id: Query<Option<String>>,
        /// Only requests that are not answered and due before this time (RFC 3339).
        due_before: Query<Option<String>>,
        /// Most requests on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<Page>, Failed<Self>> {
        let cursors = Cursors::new(format!(
            "data requests {:?}",
            (&state.0, &user_id.0, &due_before.0)
        ));
        let before = cursors.start(cursor.0.as_deref())?;
        let mut filter = filter(state.0.as_deref(), user_id.0.as_deref(), due_before.0.as_deref())?;
        filter.before = before.map(DsarId);
        let limit = page_size(limit.0)?;
        let found = list(
            &self.0.api.platform.db,
            caller.tenant,
            &filter,
            limit.unsigned_abs() + 1,
        )
        .await?;
        let body = |request| RequestBody::for_tenant(&self.0, request);
        Ok(Json(page(found, limit, &cursors, body)))
    }
}

fn filter(word: Option<&str>, user: Option<&str>, due: Option<&str>) -> Result<Filter, Problem> {
    let wrong = |name: &str, detail: &str| Problem::new(Code::InvalidParameter, detail).parameter(name);
    let states = "Expected unverified, accepted, collected, packaged, stored, ready, downloaded, expired, refused or failed.";
    let state = word.map(|word| state(word).ok_or_else(|| wrong("state", states)));
    let user = user.map(|user| {
        user.parse()
            .map_err(|_| wrong("user_id", "Expected the id of a person."))
    });
    Ok(Filter {
        state: state.transpose()?,
        user: user.transpose()?,
        due_before: time::parameter("due_before", due)?,
        ..Filter::default()
    })
}
