//! What events say of an invoice, put together.
//!
//! [`Facts::merge`] is associative, commutative and idempotent (a join semilattice): whatever order events come in, and
//! however often each, the same facts stand at the end.

use std::cmp::Ordering;

use levqor_store::Timestamp;
use serde::{Deserialize, Serialize};

/// How an invoice ended, from what can still be followed by another end to what cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Given up; it can still be paid or voided.
    Uncollectible,
    /// Withdrawn.
    Void,
    /// Paid.
    Paid,
}

/// The end of an invoice. The further end wins, whenever its event was made: a failure reported later changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Which.
    pub how: How,
    /// When the first event that says so was made.
    pub at: Timestamp,
}

impl End {
    fn merge(self, other: Self) -> Self {
        match self.how.cmp(&other.how) {
            Ordering::Equal => Self {
                at: self.at.min(other.at),
                ..self
            },
            Ordering::Greater => self,
            Ordering::Less => other,
        }
    }
}

/// An invoice as one event shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Snapshot {
    // The order of these four is the order of age: events of one second are told apart by how far the invoice is, and,
    // where that is the same, by their ids, so that the newest is the same one for everybody.
    /// When the event was made, to the second.
    pub at: Timestamp,
    /// Whether it is no draft any more.
    pub finalized: bool,
    /// Payments tried.
    pub attempts: i64,
    /// The event.
    pub event: String,
    /// `draft`, `open`, `paid`, `void`, `uncollectible`.
    pub status: String,
    /// What it asks for, in minor units.
    pub due: i64,
    /// What of it is not paid, in minor units.
    pub remaining: i64,
    /// ISO 4217, upper case.
    pub currency: String,
    /// The number on it.
    pub number: Option<String>,
    /// Stripe's page on which it can be paid.
    pub url: Option<String>,
    /// Made by hand, not by a subscription.
    pub manual: bool,
    /// The subscription it is for.
    pub subscription: Option<String>,
}

/// What events say of an invoice together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The invoice as the newest event shows it.
    pub newest: Option<Snapshot>,
    /// When its first payment failed.
    pub failed: Option<Timestamp>,
    /// When a payment first waited for its payer's bank (strong customer authentication).
    pub action: Option<Timestamp>,
    /// How it ended.
    pub end: Option<End>,
}

impl Facts {
    /// What both say.
    pub fn merge(self, other: Self) -> Self {
        Self {
            newest: self.newest.max(other.newest),
            failed: earlier(self.failed, other.failed),
            action: earlier(self.action, other.action),
            end: match (self.end, other.end) {
                (Some(one), Some(two)) => Some(one.merge(two)),
                (one, two) => one.or(two),
            },
        }
    }

    /// When payment first went wrong.
    pub fn since(&self) -> Option<Timestamp> {
        earlier(self.failed, self.action)
    }
}

/// The earlier of two times, where there are two.
fn earlier(one: Option<Timestamp>, two: Option<Timestamp>) -> Option<Timestamp> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}
