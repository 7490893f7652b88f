//! Whether a mail may be sent, asked when it leaves.

use levqor_entities::{
    consents,
    mail_suppressions::Cause,
    mails::{Kind, Model},
};
use levqor_platform::Platform;
use levqor_store::StoreError;

use crate::suppressions;

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may go.
    Send,
    /// Its address is suppressed, for this reason.
    Suppressed(&'static str),
    /// Its recipient has not agreed to it, for this reason.
    Refused(&'static str),
    /// It cannot be told: without this setting, suppressed addresses are not known.
    Unknown(&'static str),
}

/// Asks for this mail, now.
pub(crate) async fn ask(platform: &Platform, mail: &Model) -> Result<Verdict, StoreError> {
    let suppressed = match suppressions::causes(platform, mail.tenant_id, &mail.recipient).await? {
        Some(causes) => causes,
        // Nothing was ever suppressed without the key. With a key that was taken away, it is not known.
        None if mail.kind == Kind::Marketing => return Ok(Verdict::Unknown("secret_key is not set")),
        None => Vec::new(),
    };
    if suppressed.contains(&Cause::Bounce) {
        return Ok(Verdict::Suppressed("mail to this address was returned for good"));
    }
    if mail.kind == Kind::Transactional {
        return Ok(Verdict::Send);
    }
    if suppressed.contains(&Cause::Complaint) {
        return Ok(Verdict::Suppressed(
            "the owner of this address called a mail spam",
        ));
    }
    let scope = mail.scope.as_deref().unwrap_or_default();
    let granted = consents::granted(mail.tenant_id, &mail.recipient, scope);
    let granted = granted
        .one(platform.db.reader())
        .await
        .map_err(|error| platform.db.error(error))?;
    Ok(match granted {
        Some(_) => Verdict::Send,
        None => Verdict::Refused("there is no consent to this list when it was to be sent"),
    })
}

#[cfg(test)]
mod tests;
