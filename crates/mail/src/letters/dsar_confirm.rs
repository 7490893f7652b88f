//! Asks a person whether the request for their data is theirs.

use crate::letter::letter;

/// Answers a request that the tenant made for the person; nothing happens until its page's button is pressed.
#[derive(Clone, Debug)]
pub struct DsarConfirm {
    /// Who keeps the data.
    pub controller: String,
    /// URL of the page with the button.
    pub link: String,
}

letter!(
    DsarConfirm,
    "dsar_confirm",
    "dsar_confirm.txt",
    "dsar_confirm.html",
    |_| "Please confirm your request for your data".to_owned()
);
