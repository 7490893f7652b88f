//! Tells a person what became of their request for their data.

use crate::letter::letter;

/// What the law has people told, with reasons: an extension (GDPR article 12(3)), a refusal (12(4)), a question that stops
/// the clock; and that a download was locked.
#[derive(Clone, Debug)]
pub struct DsarUpdate {
    /// Who keeps the data.
    pub controller: String,
    /// What happened, in a sentence.
    pub what: String,
    /// Why, in the tenant's own words; empty when there are none.
    pub reason: String,
    /// What the person can expect or do now, in a sentence or two.
    pub next: String,
}

letter!(
    DsarUpdate,
    "dsar_update",
    "dsar_update.txt",
    "dsar_update.html",
    |_| "About your request for your data".to_owned()
);
