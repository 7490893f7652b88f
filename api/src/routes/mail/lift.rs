//! `DELETE /api/v1/mail/suppressions`.

use std::sync::Arc;

use levqor_audit::{Actor, Entry, append};
use levqor_mail::suppressions::lift;
use poem_openapi::{ApiResponse, OpenApi, param::Query};
use serde_json::json;

use super::address;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Lift(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// Mail goes there again.
    #[oai(status = 204)]
    Lifted,
}

impl Failures for Lift {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::SuppressionNotFound,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Lift {
    /// Let mail go to an address again
    ///
    /// For an address that works again, or whose owner asked for it. It goes into the audit trail. Marketing still needs
    /// consent; a new bounce or complaint suppresses the address anew.
    #[oai(
        path = "/api/v1/mail/suppressions",
        method = "delete",
        operation_id = "liftMailSuppressions",
        tag = "Tag::Mails"
    )]
    async fn lift(
        &self,
        caller: Caller,
        /// The address.
        address: Query<String>,
    ) -> Result<Answer, Failed<Self>> {
        let email = self::address(&address.0)?;
        let platform = &self.0.api.platform;
        let secrets = platform.secrets("the suppression list")?;
        let now = platform.db.now().await?;
        let tx = platform.db.begin().await?;
        let Some(address) = lift(&tx, secrets, caller.tenant, email.as_str(), now).await? else {
            return Err(Problem::new(Code::SuppressionNotFound, "Mail goes to this address already.").into());
        };
        let entry = Entry {
            tenant: caller.tenant,
            stream: "mail",
            kind: "mail.suppression_lifted",
            actor: Actor::Key(caller.key),
            subject: None,
            detail: &json!({"address": hex::encode(address)}),
        };
        append(&tx, platform, now, entry).await?;
        tx.commit().await?;
        Ok(Answer::Lifted)
    }
}
