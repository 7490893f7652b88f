//! Which properties an object may have, and what kind of value they hold.

use serde_json::Number;

use super::Lower;
use crate::{
    names::{hint, shown},
    tree::{Cursor, Data},
};

/// The properties of an object of the language.
pub(super) struct Fields {
    pub(super) known: &'static [&'static str],
    pub(super) required: &'static [&'static str],
    /// Of the language, and not supported yet.
    pub(super) unsupported: &'static [&'static str],
}

impl Lower<'_> {
    /// Checks the properties of `at`; None when it is no object.
    pub(super) fn fields(&mut self, at: Cursor<'_>, fields: &Fields) -> Option<()> {
        self.object(at)?;
        for member in at.children() {
            self.known_property(member, fields.known, fields.unsupported);
        }
        for name in fields.required {
            if at.get(name).is_none() {
                self.problems
                    .at("missing_property", at, format!("`{name}` is missing; add it"));
            }
        }
        Some(())
    }

    /// Checks one property's name.
    pub(super) fn known_property(
        &mut self,
        member: Cursor<'_>,
        known: &[&'static str],
        unsupported: &[&'static str],
    ) {
        let name = member.key();
        if known.contains(&name) || matches!(member.data(), Data::Broken) || self.problems.is_full() {
            return;
        }
        if unsupported.contains(&name) {
            self.unsupported_key(member, &format!("`{name}`"));
            return;
        }
        let hint = hint(name, known.iter().chain(unsupported).copied());
        let allowed = known.join(", ");
        let message = format!("{} is not known here.{hint} Known are: {allowed}", shown(name));
        self.problems.at_key("unknown_property", member, message);
    }

    /// Refuses a construct of the language that is not supported yet, at its key.
    pub(super) fn unsupported_key(&mut self, at: Cursor<'_>, what: &str) {
        let message = format!("{what} is part of the language and not supported yet; remove it");
        self.problems.at_key("unsupported_construct", at, message);
    }

    /// Refuses a value of the language that is not supported yet.
    pub(super) fn unsupported_value(&mut self, at: Cursor<'_>, what: &str) {
        let message = format!("{what} is part of the language and not supported yet; use another");
        self.problems.at("unsupported_construct", at, message);
    }

    pub(super) fn object(&mut self, at: Cursor<'_>) -> Option<()> {
        match at.data() {
            Data::Object(_) => Some(()),
            _ => self.wrong_type(at, "an object"),
        }
    }

    pub(super) fn array(&mut self, at: Cursor<'_>) -> Option<()> {
        match at.data() {
            Data::Array(_) => Some(()),
            _ => self.wrong_type(at, "an array"),
        }
    }

    pub(super) fn string<'t>(&mut self, at: Cursor<'t>) -> Option<&'t str> {
        match at.data() {
            Data::String(text) => Some(text),
            _ => self.wrong_type(at, "a string"),
        }
    }

    pub(super) fn boolean(&mut self, at: Cursor<'_>) -> Option<bool> {
        match at.data() {
            Data::Bool(value) => Some(*value),
            _ => self.wrong_type(at, "true or false"),
        }
    }

    /// A whole number from `least` to `most`.
    pub(super) fn integer(&mut self, at: Cursor<'_>, least: i64, most: i64) -> Option<i64> {
        let Data::Number(number) = at.data() else {
            return self.wrong_type(at, "a whole number");
        };
        let value = Number::as_i64(number).filter(|value| (least..=most).contains(value));
        if value.is_none() {
            self.problems.at(
                "invalid_value",
                at,
                format!("must be a whole number from {least} to {most}"),
            );
        }
        value
    }

    /// One of a fixed list of words.
    pub(super) fn word<'t>(&mut self, at: Cursor<'t>, words: &[&'static str]) -> Option<&'t str> {
        let text = self.string(at)?;
        if !words.contains(&text) {
            let hint = hint(text, words.iter().copied());
            let message = format!("{} is none of: {}.{hint}", shown(text), words.join(", "));
            self.problems.at("invalid_value", at, message);
            return None;
        }
        Some(text)
    }

    /// Reports a value of the wrong type, unless it was reported before.
    pub(super) fn wrong_type<T>(&mut self, at: Cursor<'_>, expected: &str) -> Option<T> {
        let found = match at.data() {
            Data::Broken => return None,
            Data::Null => "nothing",
            Data::Bool(_) => "a boolean",
            Data::Number(_) => "a number",
            Data::String(_) => "a string",
            Data::Array(_) => "an array",
            Data::Object(_) => "an object",
        };
        let quotes =
            if expected == "a string" && matches!(at.data(), Data::Bool(_) | Data::Number(_) | Data::Null) {
                "; put it in quotes"
            } else {
                ""
            };
        self.problems.at(
            "wrong_type",
            at,
            format!("must be {expected}, not {found}{quotes}"),
        );
        None
    }
}
