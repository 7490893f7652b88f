//! Errors of a queue. None is fatal: the backlog is in the database.

/// Why a queue did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the queue is unavailable: {0}")]
pub struct QueueError(pub String);
