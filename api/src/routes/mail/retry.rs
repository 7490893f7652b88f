//! `POST /api/v1/mails/{id}/retry`.

use std::sync::Arc;

use levqor_mail::read::retry;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::{
    find,
    view::{MailBody, state},
};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Retry(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// It waits to be sent, with as many tries as a new one.
    #[oai(status = 202)]
    Queued(Json<MailBody>),
}

impl Failures for Retry {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::MailNotFound, Code::MailNotFailed];
}

#[OpenApi]
impl Retry {
    /// Send a failed mail again
    ///
    /// Only what has failed can be tried again: what was sent is sent, and what was not sent for want of consent or because
    /// its address is suppressed would meet the same gate.
    #[oai(
        path = "/api/v1/mails/:id/retry",
        method = "post",
        operation_id = "retryMail",
        tag = "Tag::Mails"
    )]
    async fn retry(
        &self,
        caller: Caller,
        /// The mail's id.
        id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let mail = find(&self.0, caller, &id.0).await?;
        let db = &self.0.api.platform.db;
        let now = db.now().await?;
        let tx = db.begin().await?;
        if !retry(&tx, caller.tenant, mail.id, now).await? {
            let detail = format!("The mail is {}.", state(mail.state));
            return Err(Problem::new(Code::MailNotFailed, detail).into());
        }
        tx.commit().await?;
        Ok(Answer::Queued(Json(find(&self.0, caller, &id.0).await?.into())))
    }
}
