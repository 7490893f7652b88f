//! Mails of a tenant, addresses that get none, and what the mail provider reports.

mod get;
mod lift;
mod list;
mod retry;
mod suppressions;
mod view;
mod webhook;

use std::sync::Arc;

use levqor_accounts::Email;
use levqor_mail::read::{self, Mail};

use crate::{
    auth::Caller,
    error::{Code, Problem},
    state::Shared,
};

/// Its operations.
pub(super) type Operations = (
    list::List,
    get::Get,
    retry::Retry,
    suppressions::Suppressions,
    lift::Lift,
    webhook::Webhook,
);

pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        list::List(s()),
        get::Get(s()),
        retry::Retry(s()),
        suppressions::Suppressions(s()),
        lift::Lift(s()),
        webhook::Webhook(s()),
    )
}

/// The caller's mail with this id.
async fn find(shared: &Shared, caller: Caller, id: &str) -> Result<Mail, Problem> {
    let missing = || Problem::new(Code::MailNotFound, "There is no mail with this id.").parameter("id");
    let id = id.parse().map_err(|_| missing())?;
    let found = read::get(&shared.api.platform.db, caller.tenant, id).await?;
    found.ok_or_else(missing)
}

/// An address of the query, normalised.
fn address(text: &str) -> Result<Email, Problem> {
    let wrong = |_| {
        Problem::new(
            Code::InvalidParameter,
            "Expected one e-mail address; write + as %2B.",
        )
        .parameter("address")
    };
    Email::parse(text).map_err(wrong)
}
