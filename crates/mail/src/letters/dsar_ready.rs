//! Tells a person where their data is.

use crate::letter::letter;

/// Carries the link, never the code that goes with it: one mailbox is one factor (NIST SP 800-63B-4).
#[derive(Clone, Debug)]
pub struct DsarReady {
    /// Who keeps the data.
    pub controller: String,
    /// URL of the page that asks for the code.
    pub link: String,
    /// Until when, as people read it.
    pub until: String,
}

letter!(
    DsarReady,
    "dsar_ready",
    "dsar_ready.txt",
    "dsar_ready.html",
    |_| "Your data is ready".to_owned()
);
