//! What a caller sees of errors of the product's rules.

use levqor_accounts::ChangeError;
use levqor_billing::{OpenError, PortalError};
use levqor_consent::ConsentError;
use levqor_objects::ObjectError;
use levqor_platform::NotConfigured;
use levqor_processes::ProcessError;

use super::{Code, Problem};

/// Seconds to wait while the object storage is away.
const RETRY_SECONDS: u64 = 5;

impl From<NotConfigured> for Problem {
    fn from(error: NotConfigured) -> Self {
        Self::new(Code::NotConfigured, format!("{error}."))
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Store(error) => error.into(),
            ChangeError::MetaTooLarge => Self::new(Code::InvalidMember, format!("{error}.")).at("/meta"),
        }
    }
}

impl From<ProcessError> for Problem {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Store(error) => error.into(),
            other => {
                tracing::error!(error = %other, "a process of ours cannot be started");
                Self::new(Code::Internal, "The process could not be started.")
            }
        }
    }
}

impl From<ObjectError> for Problem {
    fn from(error: ObjectError) -> Self {
        tracing::error!(%error, "object storage");
        Self::new(Code::Unavailable, "The object storage did not answer.").retry_after(RETRY_SECONDS)
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotConfigured(error) => error.into(),
            OpenError::Store(error) => error.into(),
            OpenError::NoAccount => Self::new(
                Code::BillingAccountNotFound,
                "This tenant has no billing account.",
            ),
            OpenError::Portal(PortalError::Unavailable(why)) => {
                tracing::warn!(why, "no portal session");
                Self::new(Code::Unavailable, "Stripe did not answer.").retry_after(RETRY_SECONDS)
            }
            other => {
                tracing::error!(error = %other, "no portal session");
                Self::new(Code::Internal, "Stripe refused to open the portal.")
            }
        }
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::NotConfigured(error) => error.into(),
            ConsentError::NotHttps => Self::new(
                Code::NotConfigured,
                "Marketing mail needs a public_url that begins with https, for the link to unsubscribe (RFC 8058).",
            ),
            ConsentError::NoSender => Self::new(
                Code::SenderMissing,
                "This tenant has not said who sends its mail.",
            ),
            ConsentError::KeyConflict => Self::new(
                Code::IdempotencyConflict,
                "Another mail was ordered under this key.",
            )
            .header("Idempotency-Key"),
            ConsentError::Store(error) => error.into(),
        }
    }
}
