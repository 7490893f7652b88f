//! `document.metadata` members of ours.

use super::{Lower, fields::Fields};
use crate::{
    model::{MOST_VALUE, RETENTION, RETENTION_CLASSES, RunValue, VALUE},
    names::shown,
    tree::Cursor,
};

const FIELDS: Fields = Fields {
    known: &["amount", "currency", "delay_cost_per_hour", "deadline"],
    required: &["amount", "currency"],
    unsupported: &[],
};

/// Longest `deadline`: a year, in seconds.
const LONGEST_DEADLINE: i64 = 366 * 86_400;

impl Lower<'_> {
    /// Checks what is ours; all else in `metadata` is free. What a completed run is worth, when it says so.
    pub(super) fn ours(&mut self, metadata: Cursor<'_>) -> Option<RunValue> {
        if let Some(class) = metadata.get(RETENTION) {
            self.word(class, &RETENTION_CLASSES);
        }
        metadata.get(VALUE).and_then(|at| self.value(at))
    }

    fn value(&mut self, at: Cursor<'_>) -> Option<RunValue> {
        self.fields(at, &FIELDS)?;
        let amount = at.get("amount").and_then(|at| self.integer(at, 0, MOST_VALUE));
        let currency = at.get("currency").and_then(|at| self.currency(at));
        let delay_cost_per_hour = at
            .get("delay_cost_per_hour")
            .and_then(|at| self.integer(at, 0, MOST_VALUE));
        let deadline = at
            .get("deadline")
            .and_then(|at| self.integer(at, 1, LONGEST_DEADLINE));
        Some(RunValue {
            amount: amount?,
            currency: currency?,
            delay_cost_per_hour,
            deadline: deadline.map(i64::unsigned_abs),
        })
    }

    fn currency(&mut self, at: Cursor<'_>) -> Option<String> {
        let text = self.string(at)?;
        let expected = self.known.currency.as_deref();
        let good = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        let message = match expected {
            _ if !good => format!(
                "{} is no currency; write its ISO 4217 code, like 'GBP'",
                shown(text)
            ),
            Some(own) if own != text => {
                format!("this installation keeps its books in {own} only; give the amounts in {own}")
            }
            _ => return Some(text.to_owned()),
        };
        self.problems.at("invalid_value", at, message);
        None
    }
}
