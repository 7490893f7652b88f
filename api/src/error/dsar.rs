//! What a caller sees of errors of requests for data.

use levqor_dsar::{DsarError, Refusal};

use super::{Code, Problem};

/// Seconds to wait while codes of others are checked.
const RETRY_SECONDS: u64 = 2;

impl From<DsarError> for Problem {
    fn from(error: DsarError) -> Self {
        match error {
            DsarError::Refused(refusal) => refusal.into(),
            DsarError::Store(error) => error.into(),
            DsarError::Objects(error) => error.into(),
            DsarError::NotConfigured(error) => error.into(),
            other => {
                tracing::error!(error = %other, "a request for data");
                Self::new(Code::Internal, "The request for data could not be worked on.")
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let new = |code| {
            let mut detail = refusal.to_string();
            detail.get_mut(..1).map(str::make_ascii_uppercase);
            Self::new(code, format!("{detail}."))
        };
        match refusal {
            Refusal::UnknownUser => new(Code::UserNotFound),
            Refusal::UnknownRequest => new(Code::DsarRequestNotFound).parameter("id"),
            Refusal::NoCode => new(Code::ExportCodeNeeded),
            Refusal::MalformedCode => new(Code::InvalidMember).at("/code"),
            Refusal::WrongCode { .. } => new(Code::ExportCodeWrong),
            Refusal::Locked => new(Code::ExportLocked),
            Refusal::Downloaded => new(Code::ExportDownloaded),
            Refusal::NotReady => new(Code::ExportNotReady),
            Refusal::TooManyCodes => new(Code::ExportCodesUsed),
            Refusal::Busy => new(Code::Overloaded).retry_after(RETRY_SECONDS),
            Refusal::Over(_) => new(Code::DsarRequestOver),
            Refusal::Clock => new(Code::DsarClock),
            Refusal::CannotExtend => new(Code::DsarNotExtendable),
            // A refusal that is new here opens nothing.
            _ => new(Code::ExportLinkInvalid),
        }
    }
}
