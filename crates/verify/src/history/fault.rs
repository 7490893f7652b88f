//! What the nemesis did.

use serde::{Deserialize, Serialize};

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done and undone.
    Played,
    /// Not possible here.
    Skipped,
}

/// One fault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FaultPlayed {
    /// The stable name of its kind.
    pub kind: String,
    /// All of it, for people.
    pub fault: String,
    /// When it began.
    pub begin: u64,
    /// When it was undone; the end of the verification when it never was.
    pub end: u64,
    /// How it went.
    pub outcome: Outcome,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Clocks were moved while it lasted.
    pub moves_clock: bool,
}
