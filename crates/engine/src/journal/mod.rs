//! Journal entries, and their fold into what people see.

mod entry;
mod path;
mod steps;

pub use entry::{CallRecord, Done, Entry, Fact, Failed, Next, Started, Taken, TaskType};
pub(crate) use path::{attempt, key};
pub use steps::{StepView, steps};

/// A journal that does not fit its definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal does not fit the definition at {path}: {reason}")]
pub struct Corrupt {
    /// Where: an execution path, empty for the run itself.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Entries as the body of a journal row: a JSON array.
///
/// # Panics
/// Never: entries hold strings, numbers and JSON values only, which always serialize.
pub fn encode(entries: &[Entry]) -> Vec<u8> {
    serde_json::to_vec(entries).expect("entries are plain JSON")
}

/// The entries of a journal row.
///
/// # Errors
/// [`Corrupt`] when the bytes are not what [`encode`] writes.
pub fn decode(body: &[u8]) -> Result<Vec<Entry>, Corrupt> {
    serde_json::from_slice(body).map_err(|error| Corrupt {
        path: String::new(),
        reason: error.to_string(),
    })
}
