//! Durations and timeouts.

use std::time::Duration;

use super::{
    Lower,
    data::{Text, strict},
    fields::Fields,
};
use crate::{duration, model::Delay, tree::Cursor};

const TIMEOUT: Fields = Fields {
    known: &["after"],
    required: &["after"],
    unsupported: &[],
};

impl Lower<'_> {
    /// A duration, or an expression that gives one.
    pub(super) fn delay(&mut self, at: Cursor<'_>) -> Option<Delay> {
        match at.as_str().map(strict) {
            Some(Text::Expression(inner)) => self.jq(at, inner).map(Delay::Computed),
            Some(Text::Mixed) => self.mixed(at),
            _ => self.literal_duration(at).map(Delay::Fixed),
        }
    }

    /// A duration that must be known when the document is posted.
    pub(super) fn fixed_duration(&mut self, at: Cursor<'_>) -> Option<Duration> {
        if let Some(Text::Expression(_)) = at.as_str().map(strict) {
            self.unsupported_value(at, "an expression for this duration");
            return None;
        }
        self.literal_duration(at)
    }

    fn literal_duration(&mut self, at: Cursor<'_>) -> Option<Duration> {
        if matches!(at.data(), crate::tree::Data::Broken) {
            return None;
        }
        match duration::from_value(&at.value()) {
            Ok(duration) => Some(duration),
            Err(reason) => {
                self.problems.at("invalid_duration", at, reason);
                None
            }
        }
    }

    /// `timeout`: `{after}` or the name of one under `use.timeouts`.
    pub(super) fn timeout(&mut self, at: Cursor<'_>) -> Option<Delay> {
        match at.as_str() {
            Some(_) => self.resolved(at, "timeouts", |uses| &uses.timeouts),
            None => self.timeout_object(at),
        }
    }

    pub(super) fn timeout_object(&mut self, at: Cursor<'_>) -> Option<Delay> {
        self.fields(at, &TIMEOUT)?;
        at.get("after").and_then(|at| self.delay(at))
    }
}
