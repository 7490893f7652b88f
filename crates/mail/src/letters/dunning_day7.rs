//! The bill is open for a week.

use super::Bill;
use crate::letter::letter;

/// The bill is open for a week.
#[derive(Clone, Debug)]
pub struct DunningDay7(pub Bill);

letter!(
    DunningDay7,
    "dunning_day7",
    "dunning_day7.txt",
    "dunning_day7.html",
    |_| "Levqor: Service at risk due to payment issue".to_owned()
);
