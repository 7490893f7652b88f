use levqor_reports::mail;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Which, failure, scope};
use crate::activity::{Activity, ActivityError, Context};

/// Puts a report into the mail outbox, once, when its order named a recipient.
pub(super) struct Mail;

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Whether a mail is in the outbox for it.
    mailed: bool,
}

impl Activity for Mail {
    const NAME: &'static str = "report_mail";
    const ABOUT: &'static str = "Mails a report to the address its order named, if any.";
    type Input = Which;
    type Output = Output;

    async fn run(&self, which: Which, ctx: &Context) -> Result<Output, ActivityError> {
        let mailed = mail(scope(ctx), which.id()?)
            .await
            .map_err(|error| failure(&error))?;
        Ok(Output { mailed })
    }
}
