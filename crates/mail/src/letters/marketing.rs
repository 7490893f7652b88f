//! A tenant's marketing mail: its own words, and the foot that the law asks for.

use crate::letter::letter;

/// What the tenant writes, above who sends it and why (GDPR art. 13; CAN-SPAM, 15 U.S.C. 7704(a)(5): the sender's postal
/// address and a way to opt out in each mail).
#[derive(Clone, Debug)]
pub struct Marketing {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as a fragment of HTML; empty: made of the text.
    pub html: String,
    /// The list, for people.
    pub scope: String,
    /// Name of the sender.
    pub sender: String,
    /// Where the sender can be written to by post.
    pub postal_address: String,
    /// URL at which one POST, or the button of its page, unsubscribes.
    pub unsubscribe: String,
    /// URL of the page with all lists.
    pub preferences: String,
}

letter!(
    Marketing,
    "marketing",
    "marketing.txt",
    "marketing.html",
    |letter| letter.subject.clone()
);
