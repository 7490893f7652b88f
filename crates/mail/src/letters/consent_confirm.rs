//! Asks whoever reads an address whether they want a list's mail.

use crate::letter::letter;

/// Asks for one thing and holds no advertising, so that it may be sent without a consent. It answers a form in which
/// anybody may have entered the address.
#[derive(Clone, Debug)]
pub struct ConsentConfirm {
    /// Who asks.
    pub controller: String,
    /// For which list, for people, such as `product updates`.
    pub scope: String,
    /// The exact text that was shown beside the form.
    pub wording: String,
    /// URL of the page with the button.
    pub link: String,
}

letter!(
    ConsentConfirm,
    "consent_confirm",
    "consent_confirm.txt",
    "consent_confirm.html",
    |_| "Please confirm your subscription".to_owned()
);
