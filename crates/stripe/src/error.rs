//! Why there is no answer, sorted by whether another try may do.

use std::fmt::Display;

use levqor_billing::PortalError;
use levqor_egress::EgressError;
use serde_json::Value;
use stripe_client_core::StripeClientErr;

/// Longest part of a message of Stripe's that is passed on, in characters.
const MESSAGE: usize = 200;

/// An error in the form that async-stripe asks for.
#[derive(Debug)]
pub struct Failure(pub(crate) PortalError);

impl StripeClientErr for Failure {
    fn deserialize_err(msg: impl Display) -> Self {
        Self(PortalError::Refused(format!(
            "its answer has an unknown form: {msg}"
        )))
    }
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        Self(match error {
            EgressError::Refused(_) | EgressError::TooLarge(_) => PortalError::Refused(error.to_string()),
            other => PortalError::Unavailable(other.to_string()),
        })
    }
}

/// From an answer that is no success (docs.stripe.com/api/errors). 409 is a repeat that came while the first was under
/// way.
pub(crate) fn failed(status: u16, body: &[u8]) -> Failure {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = error["error"]["message"]
        .as_str()
        .unwrap_or("no reason was given");
    let said: String = said.chars().filter(|c| !c.is_control()).take(MESSAGE).collect();
    let text = format!("status {status}: {said}");
    Failure(match status {
        409 | 424 | 429 | 500..=599 => PortalError::Unavailable(text),
        _ => PortalError::Refused(text),
    })
}
