//! What an operator decides about the books.

use std::collections::BTreeMap;

use levqor_store::Prices;

/// The books of an installation. All its processes must be told the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounting {
    /// The one currency of the books, ISO 4217.
    pub currency: String,
    /// What things cost.
    pub prices: Prices,
    /// What a completed run is worth whose document does not say.
    pub values: PlanValues,
}

impl Default for Accounting {
    /// Pounds sterling, the default prices, and no value for runs that name none.
    fn default() -> Self {
        Self {
            currency: "GBP".to_owned(),
            prices: Prices::default(),
            values: PlanValues::default(),
        }
    }
}

/// Value of a completed run by its tenant's plan, in minor units; nothing for plans that are not named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanValues(BTreeMap<String, i64>);

impl PlanValues {
    /// From a text such as `pro=2,enterprise=5`.
    ///
    /// # Errors
    /// The part that has another form, or an amount that is not 0 to 1,000,000,000.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| value(part).ok_or_else(|| part.to_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What a completed run of this plan is worth.
    pub fn of(&self, plan: &str) -> i64 {
        self.0.get(plan).copied().unwrap_or(0)
    }

    /// Plan and value, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|(plan, value)| (plan.as_str(), *value))
    }
}

fn value(part: &str) -> Option<(String, i64)> {
    let (plan, amount) = part.split_once('=')?;
    let amount = amount
        .trim()
        .parse()
        .ok()
        .filter(|amount| (0..=1_000_000_000).contains(amount))?;
    (!plan.trim().is_empty()).then(|| (plan.trim().to_owned(), amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_named_by_plan() {
        let values = PlanValues::parse("pro=2, enterprise = 5").unwrap();
        assert_eq!(
            (values.of("pro"), values.of("enterprise"), values.of("sandbox")),
            (2, 5, 0)
        );
        assert_eq!(PlanValues::parse(""), Ok(PlanValues::default()));
        for bad in ["pro", "=1", "pro=-1", "pro=x", "pro=1000000001"] {
            assert_eq!(PlanValues::parse(bad), Err(bad.to_owned()));
        }
    }
}
