//! Why Notion did not take a row, and what to do about it.

use std::time::Duration;

use levqor_egress::EgressError;

/// A call of Notion's API failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Too many calls (429, 529): none before this time is over.
    #[error("Notion asks to wait {0:?}")]
    Busy(Duration),
    /// The page or data source is not there, or not shared with the integration (404).
    #[error("Notion does not know it, or it is not shared with the integration: {0}")]
    Missing(String),
    /// Notion refuses it as it is (400, 401, 403): somebody must mend token, database or mapping.
    #[error("Notion refuses it: {0}")]
    Refused(String),
    /// No answer, or one that another try may better (409, 5xx).
    #[error("Notion is not available: {0}")]
    Unavailable(String),
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Refused(_) => Self::Refused(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
