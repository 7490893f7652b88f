//! `DELETE /api/v1/users/{id}/tokens/{token_id}`.

use std::sync::Arc;

use levqor_accounts::revoke_tokens;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::user_id;
use crate::{
    auth::{Authority, Caller},
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
    state::Shared,
};

pub(crate) struct RevokeToken(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// Revoked: refused here at once, by other processes within a second.
    #[oai(status = 204)]
    Revoked,
}

impl Failures for RevokeToken {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::UserNotFound, Code::UserTokenNotFound];
}

#[OpenApi]
impl RevokeToken {
    /// Revoke a token of a person
    #[oai(
        path = "/api/v1/users/:id/tokens/:token_id",
        method = "delete",
        operation_id = "revokeUserToken",
        tag = "Tag::Users"
    )]
    async fn revoke(
        &self,
        caller: Caller,
        /// The person's id.
        id: Path<String>,
        /// The token's id (not its text).
        token_id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let missing = || {
            Problem::new(Code::UserTokenNotFound, "This person has no token with this id.")
                .parameter("token_id")
        };
        let user = user_id(Authority::Key(caller), &id.0)?;
        let token = token_id.0.parse().map_err(|_| missing())?;
        let platform = &self.0.api.platform;
        let revoked = revoke_tokens(platform, caller.tenant, caller.key, user, Some(token)).await?;
        for hash in revoked.ok_or_else(missing)? {
            self.0.tokens.forget(&hash);
        }
        Ok(Answer::Revoked)
    }
}
