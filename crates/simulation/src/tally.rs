//! How often what a seed is there for has happened: a simulation in which nothing goes wrong proves nothing.

use std::collections::BTreeMap;

use crate::{
    ask::Loss,
    store::{DeliveryFate, Fact, InboxKind, IntakeFate, Reply, WriteFate},
};

/// Counts by name.
#[derive(Clone, Debug, Default)]
pub struct Tally(pub BTreeMap<&'static str, u64>);

impl Tally {
    /// What a run of many seeds has to have seen.
    pub const EXPECTED: [&'static str; 24] = [
        "answers lost: aborted",
        "answers lost: early",
        "answers lost: refused",
        "answers lost: swallowed",
        "appends",
        "calls that overlap a zombie's",
        "cancels",
        "claims",
        "claims made again",
        "deliveries to ended runs",
        "ends",
        "events",
        "fenced writes",
        "hints lost",
        "intakes repeated",
        "parks",
        "parks and ends that met newer inbox rows",
        "runs freed",
        "terms",
        "timers",
        "workers buried",
        "workers drained",
        "workers told that they are dead",
        "writes refused to old leaders",
    ];

    pub(crate) fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(crate) fn lost(&mut self, loss: Loss) {
        self.add(match loss {
            Loss::Refused => "answers lost: refused",
            Loss::Aborted => "answers lost: aborted",
            Loss::Swallowed => "answers lost: swallowed",
            Loss::Early => "answers lost: early",
        });
    }

    pub(crate) fn committed(&mut self, fact: &Fact) {
        self.add(match fact {
            Fact::Claimed { .. } => "claims",
            Fact::Appended { .. } => "appends",
            Fact::Parked { .. } => "parks",
            Fact::Ended { .. } => "ends",
            Fact::Delivered {
                kind: InboxKind::Timer,
                ..
            } => "timers",
            Fact::Delivered {
                kind: InboxKind::Event,
                ..
            } => "events",
            Fact::Delivered { .. } => "cancels",
            Fact::Freed { .. } => "runs freed",
            Fact::Buried(_) => "workers buried",
            _ => return,
        });
    }

    pub(crate) fn answered(&mut self, reply: &Reply) {
        match reply {
            Reply::Fates(fates) => {
                for fate in fates {
                    match fate {
                        WriteFate::Fenced => self.add("fenced writes"),
                        WriteFate::InboxMoved(_) => self.add("parks and ends that met newer inbox rows"),
                        WriteFate::Committed => {}
                    }
                }
            }
            Reply::Intake(fates)
                if fates
                    .iter()
                    .any(|fate| matches!(fate, IntakeFate::Existing { .. })) =>
            {
                self.add("intakes repeated");
            }
            Reply::Deliver(fates) if fates.contains(&DeliveryFate::NotLive) => {
                self.add("deliveries to ended runs");
            }
            Reply::NotLeader => self.add("writes refused to old leaders"),
            _ => {}
        }
    }
}
