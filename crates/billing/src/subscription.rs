//! What events say of a subscription, put together as those of an invoice are.

use levqor_store::Timestamp;
use serde::{Deserialize, Serialize};

/// The end of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubscriptionEnd {
    /// When its event was made.
    pub at: Timestamp,
    /// Stripe ended it because nobody paid: what is owed stays owed.
    pub unpaid: bool,
}

/// A subscription was paused or resumed; the newest says which holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Switch {
    /// When the event was made, to the second.
    pub at: Timestamp,
    /// Paused; of events of one second a pause counts as the newer one.
    pub paused: bool,
}

/// What events say of a subscription together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFacts {
    /// It ended.
    pub end: Option<SubscriptionEnd>,
    /// It was paused or resumed.
    pub switch: Option<Switch>,
}

impl SubscriptionFacts {
    /// What both say; associative, commutative and idempotent.
    pub fn merge(self, other: Self) -> Self {
        Self {
            end: match (self.end, other.end) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
            switch: self.switch.max(other.switch),
        }
    }

    /// Whether nothing more is asked for its invoices: it was ended by somebody, or is paused.
    pub fn stopped(&self) -> bool {
        let ended = self.end.is_some_and(|end| !end.unpaid);
        ended || self.switch.as_ref().is_some_and(|switch| switch.paused)
    }
}
