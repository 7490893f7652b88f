//! The lines of certificates, from what was counted.

use std::collections::BTreeMap;

use levqor_entities::{
    retention_counts,
    retention_parts::{self, State},
};
use levqor_store::Timestamp;

use super::Line;
use crate::{
    policy::{Policy, policy},
    preview::cutoff,
    sweep::counts::Count,
    time::rfc3339,
};

/// What a sweep applied, and how far it came with each.
pub(super) struct Totals<'a> {
    pub(super) as_of: Timestamp,
    pub(super) parts: &'a [retention_parts::Model],
}

impl Totals<'_> {
    /// A tenant's lines: one for each rule and period by which rows went.
    pub(super) fn of_tenant(&self, counts: &[&retention_counts::Model]) -> Vec<Line> {
        let line = |row: &&retention_counts::Model| {
            let policy = policy(&row.dataset)?;
            Some(self.line(policy, row.days, &Count::of(row)))
        };
        counts.iter().filter_map(line).collect()
    }

    /// The installation's lines: one for each rule that the sweep applied, and each by which a service deleted.
    pub(super) fn of_all(&self, counts: &[retention_counts::Model]) -> Vec<Line> {
        let mut sums: BTreeMap<&str, Count> = BTreeMap::new();
        for part in self.parts {
            sums.entry(&part.dataset).or_default();
        }
        for row in counts {
            let sum = sums.entry(&row.dataset).or_default();
            *sum = sum.plus(&Count::of(row));
        }
        let line = |(dataset, count): (&str, Count)| {
            let policy = policy(dataset)?;
            let days = self.part(dataset).map_or_else(|| policy.days(), |part| part.days);
            Some(self.line(policy, days, &count))
        };
        sums.into_iter().filter_map(line).collect()
    }

    fn part(&self, dataset: &str) -> Option<&retention_parts::Model> {
        self.parts.iter().find(|part| part.dataset == dataset)
    }

    fn line(&self, policy: &Policy, days: i64, count: &Count) -> Line {
        let part = self.part(policy.dataset);
        Line {
            dataset: policy.dataset.to_owned(),
            version: part.map_or(policy.version, |part| part.version),
            action: policy.action_name().to_owned(),
            days,
            cutoff: rfc3339(cutoff(self.as_of, days)),
            rows: count.gone,
            objects: count.objects,
            digest: count.digest.map(hex::encode),
            complete: part.is_none_or(|part| part.state == State::Done),
        }
    }
}
