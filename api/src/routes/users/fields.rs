//! What a caller may say of a person.

use std::collections::BTreeMap;

use levqor_accounts::{Changes, Currency, Email, Field};
use poem_openapi::types::MaybeUndefined;
use serde_json::Value;

use crate::error::{Code, Problem};

/// Most characters of a name.
const NAME: usize = 200;

/// Most characters of a language tag.
const LOCALE: usize = 35;

fn invalid(member: &str, detail: &str) -> Problem {
    Problem::new(Code::InvalidMember, detail).at(format!("/{member}"))
}

pub(super) fn email(text: &str) -> Result<Email, Problem> {
    let form = "Expected an e-mail address such as ada@example.com.";
    Email::parse(text).map_err(|_| invalid("email", form))
}

/// What a record is to hold, when all of it is good.
pub(super) fn changes(
    name: MaybeUndefined<String>,
    locale: MaybeUndefined<String>,
    currency: MaybeUndefined<String>,
    meta: BTreeMap<String, Value>,
) -> Result<Changes, Problem> {
    Ok(Changes {
        name: field(name, check_name)?,
        locale: field(locale, check_locale)?,
        currency: field(currency, check_currency)?,
        meta: meta.into_iter().collect(),
    })
}

fn field<T>(
    given: MaybeUndefined<String>,
    check: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Field<T>, Problem> {
    Ok(match given {
        MaybeUndefined::Undefined => Field::Kept,
        MaybeUndefined::Null => Field::Cleared,
        MaybeUndefined::Value(text) => Field::Set(check(&text)?),
    })
}

fn check_name(name: &str) -> Result<String, Problem> {
    let good = !name.trim().is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
    let form = "Expected 1 to 200 characters without control characters.";
    good.then(|| name.to_owned()).ok_or_else(|| invalid("name", form))
}

/// The form of a language tag: parts of letters and digits, the first of two or three letters or so.
fn check_locale(locale: &str) -> Result<String, Problem> {
    let part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = locale.split('-').next().unwrap_or_default();
    let language = (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    let good = language && locale.len() <= LOCALE && locale.split('-').all(part);
    let form = "Expected a language tag such as en or en-GB.";
    good.then(|| locale.to_owned())
        .ok_or_else(|| invalid("locale", form))
}

fn check_currency(code: &str) -> Result<Currency, Problem> {
    let form = "Expected a currency code of ISO 4217 such as GBP.";
    Currency::parse(code).ok_or_else(|| invalid("currency", form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_a_language_tag() {
        for good in ["en", "en-GB", "zh-Hant-TW", "es-419", "sl-rozaj-biske-1994"] {
            assert!(check_locale(good).is_ok(), "{good}");
        }
        let long = format!("en{}", "-abcdefgh".repeat(4));
        for bad in [
            "",
            "e",
            "en_GB",
            "en-",
            "-en",
            "1en",
            "englishes",
            "en GB",
            "é",
            &long,
        ] {
            assert!(check_locale(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_has_a_length_and_no_control_characters() {
        assert!(check_name("Ada Lovelace-Byron É").is_ok());
        for bad in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
