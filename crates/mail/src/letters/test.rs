//! A mail that an operator sends to see whether mails arrive.

use crate::letter::letter;

/// Asks for nothing and tells only where it comes from.
#[derive(Clone, Debug)]
pub struct Test {
    /// Name of the installation, as its operator knows it: the public URL, or the machine's.
    pub installation: String,
}

letter!(Test, "test", "test.txt", "test.html", |letter| format!(
    "Test mail of {}",
    letter.installation
));
