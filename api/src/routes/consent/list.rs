//! `GET /api/v1/consents`.

use std::sync::Arc;

use levqor_accounts::Email;
use levqor_consent::{ConsentId, Filter, Scope, list};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::{ConsentBody, status};
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of consents.
#[derive(Serialize, Object)]
struct Consents {
    /// Oldest first.
    consents: Vec<ConsentBody>,
    /// Leads to the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::InvalidCursor, Code::InvalidParameter];
}

#[OpenApi]
impl List {
    /// List consents
    #[oai(
        path = "/api/v1/consents",
        method = "get",
        operation_id = "listConsents",
        tag = "Tag::Consent"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Of this address only.
        email: Query<Option<String>>,
        /// Of this list only.
        scope: Query<Option<String>>,
        /// `pending_double_opt_in`, `granted`, `revoked` or `expired`.
        status: Query<Option<String>>,
        /// The next page: `next_cursor` of the page before, with the same filters.
        cursor: Query<Option<String>>,
        /// Most items on the page, 1 to 200; 50 when left out.
        limit: Query<Option<u32>>,
    ) -> Result<Json<Consents>, Failed<Self>> {
        let cursors = Cursors::new(format!("consents {:?} {:?} {:?}", email.0, scope.0, status.0));
        let after = cursors.start(cursor.0.as_deref())?;
        let limit = page_size(limit.0)?;
        let mut filter = filter(email.0, scope.0, status.0)?;
        filter.after = after.map(ConsentId);
        let mut found = list(
            &self.0.api.platform.db,
            caller.tenant,
            &filter,
            limit.unsigned_abs() + 1,
        )
        .await?;
        Ok(Json(Consents {
            next_cursor: cursors.cut(&mut found, limit, |consent| consent.id.0),
            consents: found.into_iter().map(Into::into).collect(),
        }))
    }
}

fn filter(email: Option<String>, scope: Option<String>, name: Option<String>) -> Result<Filter, Problem> {
    let wrong = |parameter: &'static str, detail: String| {
        Problem::new(Code::InvalidParameter, detail).parameter(parameter)
    };
    let parse = |text: String| Email::parse(&text).map_err(|error| wrong("email", format!("{error}.")));
    let list = |text: String| Scope::parse(&text).map_err(|error| wrong("scope", format!("{error}.")));
    let stands = |text: String| {
        let detail = "Expected pending_double_opt_in, granted, revoked or expired.";
        status(&text).ok_or_else(|| wrong("status", detail.into()))
    };
    Ok(Filter {
        email: email.map(parse).transpose()?,
        scope: scope.map(list).transpose()?,
        status: name.map(stands).transpose()?,
        after: None,
    })
}
