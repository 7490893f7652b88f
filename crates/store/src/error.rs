//! What can go wrong in a store, sorted by what the caller may do about it.

/// An error of the store. The batchers act on the kind: a data error is bisected, the others are not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached, or the outcome of a commit is unknown; the same call may be repeated whole.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Serialization failure or deadlock (40001, 40P01); repeat.
    #[error("the database asked for a retry: {0}")]
    Retry(String),
    /// One of the rows is refused by the database (bad text, too large); the rest of its batch may be good.
    #[error("the database refused the data: {0}")]
    Data(#[from] DataError),
    /// The write was made under a leader term that is over.
    #[error("leader term {0} is over")]
    NotLeader(i64),
    /// The database is not set up for this program (not migrated, wrong rights or settings); an operator must act.
    #[error("the database is not set up: {0}")]
    Setup(String),
    /// A row that cannot have been written by this program.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
}

/// What the database said of a row it refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DataError(pub String);
