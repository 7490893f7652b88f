//! The service is paused.

use super::Bill;
use crate::letter::letter;

/// The service is paused.
#[derive(Clone, Debug)]
pub struct DunningSuspended(pub Bill);

letter!(
    DunningSuspended,
    "dunning_suspended",
    "dunning_suspended.txt",
    "dunning_suspended.html",
    |_| "Levqor: Your account has been paused".to_owned()
);
