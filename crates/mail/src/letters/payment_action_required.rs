//! A payment waits for its payer to confirm it with the bank.

use super::Bill;
use crate::letter::letter;

/// A payment waits for its payer to confirm it with the bank.
#[derive(Clone, Debug)]
pub struct PaymentActionRequired(pub Bill);

letter!(
    PaymentActionRequired,
    "payment_action_required",
    "payment_action_required.txt",
    "payment_action_required.html",
    |_| "Levqor: Please confirm your payment with your bank".to_owned()
);
