//! Changes of a record: what is not named stays.

use levqor_entities::users;
use serde_json::{Map, Value};

use crate::{ChangeError, Currency};

/// Most bytes of `meta` as JSON text.
pub const META_LIMIT: usize = 16 * 1024;

/// What becomes of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// It stays as it is.
    #[default]
    Kept,
    /// It holds nothing afterwards.
    Cleared,
    /// It holds this afterwards.
    Set(T),
}

impl<T> Field<T> {
    fn apply(self, column: &mut Option<T>) {
        match self {
            Self::Kept => (),
            Self::Cleared => *column = None,
            Self::Set(value) => *column = Some(value),
        }
    }

    fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Kept => Field::Kept,
            Self::Cleared => Field::Cleared,
            Self::Set(value) => Field::Set(f(value)),
        }
    }
}

/// Changes of a record.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// As the person wants to be called.
    pub name: Field<String>,
    /// Language tag (RFC 5646).
    pub locale: Field<String>,
    /// What the person pays in.
    pub currency: Field<Currency>,
    /// Members that `meta` gets, each replacing the one of its name; null takes one away.
    pub meta: Map<String, Value>,
}

impl Changes {
    /// Makes the changes; whether there were any.
    pub(crate) fn apply(self, user: &mut users::Model) -> Result<bool, ChangeError> {
        let before = user.clone();
        self.name.apply(&mut user.name);
        self.locale.apply(&mut user.locale);
        self.currency
            .map(|currency| currency.code().to_owned())
            .apply(&mut user.currency);
        if !self.meta.is_empty() {
            user.meta = merged(&user.meta, self.meta)?;
        }
        Ok(*user != before)
    }
}

/// The text stays as it is when no member differs.
fn merged(text: &str, changes: Map<String, Value>) -> Result<String, ChangeError> {
    let stored: Map<String, Value> = serde_json::from_str(text)
        .map_err(|_| levqor_store::StoreError::Corrupt("meta is no JSON object".to_owned()))?;
    let mut meta = stored.clone();
    for (name, value) in changes {
        if value.is_null() {
            meta.shift_remove(&name);
        } else {
            meta.insert(name, value);
        }
    }
    if meta == stored {
        return Ok(text.to_owned());
    }
    let text = Value::Object(meta).to_string();
    if text.len() > META_LIMIT {
        return Err(ChangeError::MetaTooLarge);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merge(text: &str, changes: Value) -> String {
        let Value::Object(changes) = changes else { panic!() };
        merged(text, changes).unwrap()
    }

    #[test]
    fn meta_is_merged_member_by_member_and_null_takes_one_away() {
        let text = r#"{"b":1,"a":{"x":1}}"#;
        assert_eq!(
            merge(text, json!({"a": {"y": 2}, "c": 3})),
            r#"{"b":1,"a":{"y":2},"c":3}"#
        );
        assert_eq!(merge(text, json!({"b": null, "none": null})), r#"{"a":{"x":1}}"#);
        assert_eq!(merge(text, json!({"b": 1})), text);
    }

    #[test]
    fn meta_has_a_limit_after_merging() {
        let big = json!({"a": "x".repeat(META_LIMIT - 8)});
        assert_eq!(merge("{}", big.clone()).len(), META_LIMIT);
        let Value::Object(more) = json!({"b": 1}) else {
            panic!()
        };
        assert!(matches!(
            merged(&big.to_string(), more),
            Err(ChangeError::MetaTooLarge)
        ));
    }
}
