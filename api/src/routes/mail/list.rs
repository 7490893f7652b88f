//! `GET /api/v1/mails`.

use std::sync::Arc;

use levqor_mail::read::{State, list};
use levqor_store::MailId;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::{MailBody, STATES, state as written};
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of mails, newest first.
#[derive(Serialize, Object)]
struct MailPage {
    /// The mails.
    mails: Vec<MailBody>,
    /// Pass it as `cursor`, with the same state, for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List mails
    ///
    /// Newest first. What a mail says is not shown: it holds links and codes that are for its recipient alone.
    #[oai(
        path = "/api/v1/mails",
        method = "get",
        operation_id = "listMails",
        tag = "Tag::Mails"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Only mails in this state: `queued`, `sent`, `failed`, `suppressed` or `refused`.
        state: Query<Option<String>>,
        /// Most mails on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<MailPage>, Failed<Self>> {
        let state = state.0.as_deref().map(parsed).transpose()?;
        let cursors = Cursors::new(format!("mails {state:?}"));
        let before = cursors.start(cursor.0.as_deref())?;
        let limit = page_size(limit.0)?;
        let db = &self.0.api.platform.db;
        let mut found = list(
            db,
            caller.tenant,
            state,
            before.map(MailId),
            limit.unsigned_abs() + 1,
        )
        .await?;
        let next_cursor = cursors.cut(&mut found, limit, |mail| mail.id.0);
        let mails = found.into_iter().map(Into::into).collect();
        Ok(Json(MailPage { mails, next_cursor }))
    }
}

fn parsed(text: &str) -> Result<State, Problem> {
    let known = STATES.into_iter().find(|state| written(*state) == text);
    let detail = "Expected queued, sent, failed, suppressed or refused.";
    known.ok_or_else(|| Problem::new(Code::InvalidParameter, detail).parameter("state"))
}
