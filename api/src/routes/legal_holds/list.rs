//! `GET /api/v1/legal-holds`.

use std::sync::Arc;

use levqor_entities::ids::HoldId;
use levqor_retention::holds;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::HoldBody;
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of legal holds, newest first.
#[derive(Serialize, Object)]
struct HoldPage {
    /// The holds.
    holds: Vec<HoldBody>,
    /// Pass it as `cursor`, with the same filter, for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List legal holds
    ///
    /// Newest first; those in force, unless released ones are asked for too.
    #[oai(
        path = "/api/v1/legal-holds",
        method = "get",
        operation_id = "listLegalHolds",
        tag = "Tag::Retention"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// `true`: released ones too.
        released: Query<Option<bool>>,
        /// Most holds on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<HoldPage>, Failed<Self>> {
        let all = released.0.unwrap_or(false);
        let cursors = Cursors::new(format!("legal holds {all}"));
        let limit = page_size(limit.0)?;
        let before = cursors.start(cursor.0.as_deref())?;
        let db = &self.0.api.platform.db;
        let mut rows = holds(
            db,
            caller.tenant,
            all,
            before.map(HoldId),
            limit.unsigned_abs() + 1,
        )
        .await?;
        Ok(Json(HoldPage {
            next_cursor: cursors.cut(&mut rows, limit, |hold| hold.id.0),
            holds: rows.into_iter().map(Into::into).collect(),
        }))
    }
}
