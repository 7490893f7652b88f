//! How much work the fast path may do for one expression.

use serde_json::Value;

use crate::render::MAX_DEPTH;

/// Units of work: one is a value looked at or copied, or 64 bytes of text. All of it takes some milliseconds.
const UNITS: usize = 100_000;

/// The helper has to do it.
#[derive(Debug)]
pub(super) struct Punt;

#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(UNITS)
    }

    pub(super) fn spend(&mut self, units: usize) -> Result<(), Punt> {
        self.0 = self.0.checked_sub(units).ok_or(Punt)?;
        Ok(())
    }

    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), Punt> {
        self.spend(1 + bytes / 64)
    }

    /// A copy of `value`, paid for before it is made.
    pub(super) fn copy(&mut self, value: &Value) -> Result<Value, Punt> {
        self.spend_value(value)?;
        Ok(value.clone())
    }

    fn spend_value(&mut self, value: &Value) -> Result<(), Punt> {
        match value {
            Value::String(text) => self.spend_text(text.len()),
            Value::Array(items) => {
                self.spend(1)?;
                items.iter().try_for_each(|item| self.spend_value(item))
            }
            Value::Object(members) => {
                self.spend(1)?;
                members.iter().try_for_each(|(key, value)| {
                    self.spend_text(key.len())?;
                    self.spend_value(value)
                })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => self.spend(1),
        }
    }
}

/// Whether `value` is certainly at most `bytes` long as JSON and not too deep for a result.
pub(super) fn fits(value: &Value, bytes: usize) -> bool {
    let mut left = bytes;
    take(value, &mut left, 0).is_some()
}

fn take(value: &Value, left: &mut usize, depth: usize) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Null | Value::Bool(_) => spend(left, 5),
        Value::Number(_) => spend(left, 25),
        Value::String(text) => spend(left, quoted(text)),
        Value::Array(items) => {
            spend(left, 2 + items.len())?;
            items.iter().try_for_each(|item| take(item, left, depth + 1))
        }
        Value::Object(members) => {
            spend(left, 2 + 2 * members.len())?;
            members.iter().try_for_each(|(key, value)| {
                spend(left, quoted(key))?;
                take(value, left, depth + 1)
            })
        }
    }
}

fn spend(left: &mut usize, bytes: usize) -> Option<()> {
    *left = left.checked_sub(bytes)?;
    Some(())
}

fn quoted(text: &str) -> usize {
    let escapes = text
        .bytes()
        .filter(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\')
        .count();
    text.len() + 2 + 5 * escapes
}
