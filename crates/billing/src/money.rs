//! Amounts as people read them.

use std::fmt;

/// Currencies whose amounts Stripe gives in whole units (docs.stripe.com/currencies, zero-decimal currencies).
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// Currencies with a thousand minor units in one (the same page, three-decimal currencies; ISO 4217 exponent 3).
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// An amount of money in the minor unit in which Stripe counts it: of ISK and UGX, which have no such unit in
/// ISO 4217, hundredths all the same (the same page, special cases).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217, upper case.
    pub currency: String,
}

impl Money {
    /// How many decimal places the minor unit is behind the major one.
    pub fn exponent(&self) -> u32 {
        let code = self.currency.as_str();
        if WHOLE.contains(&code) {
            0
        } else if THOUSANDTHS.contains(&code) {
            3
        } else {
            2
        }
    }
}

impl fmt::Display for Money {
    /// `GBP 1,234.50`, `JPY 500`, `KWD 0.250`, `EUR -3.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.exponent());
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        write!(f, "{} {sign}{}", self.currency, grouped(whole))?;
        match self.exponent() {
            0 => Ok(()),
            places => write!(f, ".{rest:0places$}", places = places as usize),
        }
    }
}

/// With a comma before every third digit from the right.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_the_decimals_of_their_currency() {
        for (minor, currency, text) in [
            (123_450, "GBP", "GBP 1,234.50"),
            (5, "EUR", "EUR 0.05"),
            (500, "JPY", "JPY 500"),
            (1_234_567, "JPY", "JPY 1,234,567"),
            (250, "KWD", "KWD 0.250"),
            (1_234_567, "KWD", "KWD 1,234.567"),
            (500, "ISK", "ISK 5.00"),
            (0, "USD", "USD 0.00"),
            (-300, "EUR", "EUR -3.00"),
            (i64::MIN, "JPY", "JPY -9,223,372,036,854,775,808"),
        ] {
            let money = Money {
                minor,
                currency: currency.to_owned(),
            };
            assert_eq!(money.to_string(), text);
        }
    }
}
