//! A payment failed.

use super::Bill;
use crate::letter::letter;

/// A payment failed.
#[derive(Clone, Debug)]
pub struct DunningDay1(pub Bill);

letter!(
    DunningDay1,
    "dunning_day1",
    "dunning_day1.txt",
    "dunning_day1.html",
    |_| "Levqor: We couldn't process your payment".to_owned()
);
