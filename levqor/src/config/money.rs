//! Settings of the books.

use std::fmt;

use anyhow::{anyhow, bail};
use levqor_ledger::{Accounting, PlanValues, Prices};

use super::Settings;

/// Highest price, in millionths of a minor unit: a million minor units.
const MOST: i64 = 1_000_000_000_000;

/// Currency, prices and values.
#[derive(Clone, Debug)]
pub(crate) struct Money(pub(crate) Accounting);

impl Money {
    pub(super) fn new(s: &Settings) -> anyhow::Result<Self> {
        let books = Accounting::default();
        let prices = Prices {
            worker_hour: price("price_worker_hour", s.price_worker_hour, books.prices.worker_hour)?,
            call: price("price_call", s.price_call, books.prices.call)?,
            mail: price("price_mail", s.price_mail, books.prices.mail)?,
        };
        let values = PlanValues::parse(s.plan_values.as_deref().unwrap_or_default());
        let wrong =
            |part| anyhow!("plan_values: {part:?} is not of the form PLAN=MINOR_UNITS, at most 1000000000");
        Ok(Self(Accounting {
            currency: currency(s.currency.as_deref().unwrap_or(&books.currency))?,
            prices,
            values: values.map_err(wrong)?,
        }))
    }
}

fn currency(text: &str) -> anyhow::Result<String> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text.to_owned());
    }
    bail!("currency must be an ISO 4217 code such as GBP; it is {text:?}")
}

fn price(name: &str, given: Option<i64>, usual: i64) -> anyhow::Result<i64> {
    let price = given.unwrap_or(usual);
    if (0..=MOST).contains(&price) {
        return Ok(price);
    }
    bail!("{name} must be 0 to {MOST} millionths of a minor unit; it is {price}")
}

impl fmt::Display for Money {
    /// Lines of TOML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Accounting {
            currency,
            prices,
            values,
        } = &self.0;
        writeln!(f, "currency = {currency:?}")?;
        writeln!(f, "price_worker_hour = {}", prices.worker_hour)?;
        writeln!(f, "price_call = {}", prices.call)?;
        writeln!(f, "price_mail = {}", prices.mail)?;
        let values: Vec<String> = values
            .iter()
            .map(|(plan, value)| format!("{plan}={value}"))
            .collect();
        writeln!(f, "plan_values = {:?}", values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_price_or_currency_is_refused_by_name() {
        let cases = [
            (
                Settings {
                    currency: Some("pounds".to_owned()),
                    ..Settings::default()
                },
                "currency",
            ),
            (
                Settings {
                    price_call: Some(-1),
                    ..Settings::default()
                },
                "price_call",
            ),
            (
                Settings {
                    plan_values: Some("pro".to_owned()),
                    ..Settings::default()
                },
                "plan_values",
            ),
        ];
        for (settings, name) in cases {
            let error = Money::new(&settings).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        let books = Money::new(&Settings::default()).unwrap();
        assert_eq!(books.0, Accounting::default());
    }
}
