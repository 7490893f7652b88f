//! What follows from the facts of an invoice.

use levqor_store::Timestamp;

use crate::{Facts, How, SubscriptionFacts};

/// What an invoice is to its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing has gone wrong with it.
    Clear,
    /// It is owed, and its payment went wrong first at this time.
    PastDue(Timestamp),
    /// Its subscription was ended or is paused: nobody is reminded of it.
    Stopped,
    /// It is settled.
    Ended(How),
}

/// What the facts come to. An invoice over nothing, and one made by hand, are never past due.
pub fn standing(facts: &Facts, subscription: Option<&SubscriptionFacts>) -> Standing {
    if let Some(end) = facts.end {
        return Standing::Ended(end.how);
    }
    let Some(newest) = &facts.newest else {
        return Standing::Clear;
    };
    let owed = newest.status == "open" && !newest.manual && newest.due > 0 && newest.remaining > 0;
    match facts.since() {
        Some(_) if owed && subscription.is_some_and(SubscriptionFacts::stopped) => Standing::Stopped,
        Some(since) if owed => Standing::PastDue(since),
        _ => Standing::Clear,
    }
}
