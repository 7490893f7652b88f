//! The last letter before the service is paused.

use super::Bill;
use crate::letter::letter;

/// The last letter before the service is paused.
#[derive(Clone, Debug)]
pub struct DunningDay14(pub Bill);

letter!(
    DunningDay14,
    "dunning_day14",
    "dunning_day14.txt",
    "dunning_day14.html",
    |_| "Levqor: Your service will be paused".to_owned()
);
