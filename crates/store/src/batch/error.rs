//! What a caller of a batcher is told.

use crate::StoreError;

/// Why an item was not committed, or is not known to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Too much waits already (I7); nothing was written. Try later.
    #[error("too many writes wait for the database")]
    Overloaded,
    /// The batcher is shutting down; nothing was written.
    #[error("this process is shutting down")]
    Closed,
    /// The database did not answer in time: the item may or may not have been written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database refused this item; its neighbours were written.
    #[error("the database refused the data: {0}")]
    Refused(String),
    /// Any other error of the store.
    #[error("the store failed: {0}")]
    Failed(String),
}

impl From<&StoreError> for BatchError {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Retry(_) => Self::Unavailable(error.to_string()),
            StoreError::Data(_) => Self::Refused(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
