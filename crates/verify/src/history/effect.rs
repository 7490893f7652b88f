//! What runs did outside, seen by the server they call.

use serde::{Deserialize, Serialize};

/// A call of `call: http`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Names this call alone; a 200 carries it, so that the journal tells which call's outcome was committed.
    pub token: String,
    /// The run, by its header `Levqor-Run`.
    pub run: String,
    /// Which of the workflow's calls, from 1, by the body.
    pub step: u32,
    /// `Idempotency-Key`.
    pub key: String,
    /// `Levqor-Epoch`: which claim of the run makes the call.
    pub epoch: i64,
    /// `Levqor-Attempt`: which try of the task.
    pub attempt: u32,
    /// When its body had arrived.
    pub begin: u64,
    /// When it was answered, or the caller had gone. Before the answer left, so that nothing that follows from it is earlier.
    pub end: u64,
    /// The status answered; None: the caller had gone.
    pub status: Option<u16>,
}

/// A callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// `webhook-id`, the same on each try.
    pub id: String,
    /// The run, by the body.
    pub run: String,
    /// How it ended, by the body.
    pub state: String,
    /// When it came.
    pub at: u64,
}
