//! Label values that callers choose, kept few: each value of a label is a series of its own in Prometheus.

use std::{collections::HashSet, sync::Arc};

use opentelemetry::StringValue;
use parking_lot::Mutex;

/// What stands for all values beyond the first ones.
const OTHER: &str = "other";

/// The first values seen, up to a number; every later one is told as `other`.
pub struct Few {
    most: usize,
    seen: Mutex<HashSet<Arc<str>>>,
}

impl Few {
    /// At most so many values, and `other`.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }

    /// The value as a label.
    pub fn label(&self, value: &str) -> StringValue {
        let mut seen = self.seen.lock();
        if let Some(known) = seen.get(value) {
            return known.clone().into();
        }
        if seen.len() >= self.most {
            return OTHER.into();
        }
        let value: Arc<str> = value.into();
        seen.insert(value.clone());
        value.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_values_keep_their_names_and_later_ones_share_one() {
        let few = Few::new(2);
        let labels = ["a", "b", "c", "a", "d"].map(|value| few.label(value).to_string());
        assert_eq!(labels, ["a", "b", "other", "a", "other"]);
    }
}
