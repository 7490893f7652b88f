//! `GET /api/v1/users`.

use std::sync::Arc;

use levqor_accounts::{User, find_by_email, list};
use levqor_store::UserId;
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::UserBody;
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of people, newest first.
#[derive(Serialize, Object)]
struct UserPage {
    /// The people.
    users: Vec<UserBody>,
    /// Pass it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List people
    ///
    /// Newest first, or the one with an e-mail address.
    #[oai(
        path = "/api/v1/users",
        method = "get",
        operation_id = "listUsers",
        tag = "Tag::Users"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Only the person with this address, however it is written.
        email: Query<Option<String>>,
        /// Most people on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<UserPage>, Failed<Self>> {
        let limit = page_size(limit.0)?;
        let cursors = Cursors::new(format!("users {:?}", email.0));
        let before = cursors.start(cursor.0.as_deref())?;
        if let Some(email) = &email.0 {
            return Ok(Json(self.one(caller, email).await?));
        }
        let db = &self.0.api.platform.db;
        let mut users = list(db, caller.tenant, before.map(UserId), limit.unsigned_abs() + 1).await?;
        Ok(Json(UserPage {
            next_cursor: cursors.cut(&mut users, limit, |user| user.id.0),
            users: users.into_iter().map(Into::into).collect(),
        }))
    }

    async fn one(&self, caller: Caller, email: &str) -> Result<UserPage, Problem> {
        let form = || Problem::new(Code::InvalidParameter, "Expected an e-mail address.").parameter("email");
        let email = levqor_accounts::Email::parse(email).map_err(|_| form())?;
        let found: Option<User> = find_by_email(&self.0.api.platform.db, caller.tenant, &email).await?;
        Ok(UserPage {
            users: found.into_iter().map(Into::into).collect(),
            next_cursor: None,
        })
    }
}
