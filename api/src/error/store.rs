//! What a caller sees of errors of the store: never their text, which goes to the log.

use levqor_store::StoreError;

use super::{Code, Problem};

/// Seconds to wait while the database is away; clients spread themselves around it.
const RETRY_SECONDS: u64 = 2;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Retry(_) | StoreError::NotLeader(_) => {
                tracing::warn!(%error, "store unavailable");
                Self::new(Code::Unavailable, "The database did not answer in time.")
                    .retry_after(RETRY_SECONDS)
            }
            StoreError::Data(_) => {
                tracing::warn!(%error, "store refused a row");
                Self::new(
                    Code::BadRequest,
                    "The database cannot hold a value of this request.",
                )
            }
            _ => {
                tracing::error!(%error, "store error");
                Self::new(Code::Internal, "A stored row could not be read.")
            }
        }
    }
}
