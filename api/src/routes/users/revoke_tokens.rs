//! `DELETE /api/v1/users/{id}/tokens`.

use std::sync::Arc;

use levqor_accounts::revoke_tokens;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::found;
use crate::{
    auth::{Authority, Caller},
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
};

pub(crate) struct RevokeTokens(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// Revoked: refused here at once, by other processes within a second.
    #[oai(status = 204)]
    Revoked,
}

impl Failures for RevokeTokens {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::UserNotFound];
}

#[OpenApi]
impl RevokeTokens {
    /// Revoke all tokens of a person
    #[oai(
        path = "/api/v1/users/:id/tokens",
        method = "delete",
        operation_id = "revokeUserTokens",
        tag = "Tag::Users"
    )]
    async fn revoke(
        &self,
        caller: Caller,
        /// The person's id.
        id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let user = found(&self.0, Authority::Key(caller), &id.0).await?;
        let platform = &self.0.api.platform;
        let revoked = revoke_tokens(platform, caller.tenant, caller.key, user.id, None).await?;
        for hash in revoked.into_iter().flatten() {
            self.0.tokens.forget(&hash);
        }
        Ok(Answer::Revoked)
    }
}
