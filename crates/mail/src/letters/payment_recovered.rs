//! Nothing is owed any more.

use crate::letter::letter;

/// Nothing is owed any more.
#[derive(Clone, Debug)]
pub struct PaymentRecovered {
    /// What the last invoice asked for, with its currency.
    pub amount: String,
    /// The number on it.
    pub invoice: String,
    /// It was paid; otherwise it is settled in another way.
    pub paid: bool,
    /// The service was paused and is open again.
    pub resumed: bool,
}

letter!(
    PaymentRecovered,
    "payment_recovered",
    "payment_recovered.txt",
    "payment_recovered.html",
    |letter| if letter.paid {
        "Levqor: Thank you, your payment has arrived".to_owned()
    } else {
        "Levqor: Your bill is settled".to_owned()
    }
);
