//! `DELETE /api/v1/keys/{id}`.

use std::{str::FromStr, sync::Arc};

use levqor_store::KeyId;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Revoke(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// Revoked: refused here at once, by other processes within a second.
    #[oai(status = 204)]
    Revoked,
}

impl Failures for Revoke {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::KeyNotFound];
}

#[OpenApi]
impl Revoke {
    /// Revoke an API key
    ///
    /// A key may revoke itself.
    #[oai(
        path = "/api/v1/keys/:id",
        method = "delete",
        operation_id = "revokeKey",
        tag = "Tag::Keys"
    )]
    async fn revoke(
        &self,
        caller: Caller,
        /// The key's id (not its secret).
        id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let missing = || Problem::new(Code::KeyNotFound, "There is no key with this id.").parameter("id");
        let id = KeyId::from_str(&id.0).map_err(|_| missing())?;
        let keys = self.0.store().keys(caller.tenant).await?;
        let key = keys.iter().find(|key| key.id == id).ok_or_else(missing)?;
        if !self.0.store().revoke_key(caller.tenant, id).await? {
            return Err(missing().into());
        }
        self.0.keys.forget(&key.hash);
        Ok(Answer::Revoked)
    }
}
