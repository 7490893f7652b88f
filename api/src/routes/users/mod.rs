//! `/api/v1/users`.

mod accept_terms;
mod fields;
mod get;
mod issue_token;
mod list;
mod me;
mod patch;
mod revoke_token;
mod revoke_tokens;
mod upsert;
mod view;

use levqor_accounts::{User, find};
use levqor_store::UserId;

pub(crate) use accept_terms::AcceptTerms;
pub(crate) use get::Get;
pub(crate) use issue_token::IssueToken;
pub(crate) use list::List;
pub(crate) use me::Me;
pub(crate) use patch::Patch;
pub(crate) use revoke_token::RevokeToken;
pub(crate) use revoke_tokens::RevokeTokens;
pub(crate) use upsert::Upsert;

use crate::{
    auth::Authority,
    error::{Code, Problem},
    state::Shared,
};

/// The person with this id, when there is one within reach.
async fn found(shared: &Shared, authority: Authority, id: &str) -> Result<User, Problem> {
    let id = user_id(authority, id)?;
    let user = find(&shared.api.platform.db, authority.tenant(), id).await?;
    user.ok_or_else(missing)
}

/// The id, when it is one within reach. Whether somebody else's exists is not said.
fn user_id(authority: Authority, id: &str) -> Result<UserId, Problem> {
    let id = id.parse().ok().filter(|id| authority.over(*id));
    id.ok_or_else(missing)
}

fn missing() -> Problem {
    Problem::new(Code::UserNotFound, "There is no person with this id.").parameter("id")
}
