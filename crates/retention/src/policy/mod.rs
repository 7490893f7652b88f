//! The rules, in rooms like those of the data map. The original's periods are the defaults where no law says otherwise;
//! docs/DEPARTURES.md has the differences.

mod autoscaler;
mod engine;
mod people;
mod product;
mod retention;
mod status;

use levqor_entities::data_map::{self, Keep, Owner, Subject};
pub use levqor_entities::retention_policies::Action;
use levqor_store::Target;

/// Who applies a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The nightly sweep.
    Sweep,
    /// A service of the scheduler, all day.
    Scheduler,
    /// The process that the rows belong to, when its work is done.
    Process,
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A table, or with a dot a part of one.
    pub dataset: &'static str,
    /// Rises with every change of what is stored of the rule: versions are immutable.
    pub version: i64,
    /// Days of a part of a table; None: those of the data map.
    pub days: Option<u16>,
    /// Least and most days that a tenant may choose; None: nothing.
    pub bounds: Option<(u16, u16)>,
    /// What happens to rows whose time is over.
    pub action: Action,
    /// Who does it.
    pub by: By,
    /// Columns that name a row.
    pub key: &'static [&'static str],
    /// Column from which time runs.
    pub clock: &'static str,
    /// Only rows with this text in this column.
    pub only: Option<(&'static str, &'static str)>,
    /// Keys of objects that go with a row; `{}` stands for the row's id.
    pub objects: &'static [&'static str],
    /// Columns that an anonymised row loses.
    pub blank: &'static [&'static str],
    /// Why rows may be kept so long.
    pub basis: &'static str,
    /// Where that stands.
    pub article: &'static str,
    /// Which part of the product answers for it.
    pub owner: &'static str,
}

/// What most rules have in common: the sweep deletes rows by their `id`.
const DELETED: Policy = Policy {
    dataset: "",
    version: 1,
    days: None,
    bounds: None,
    action: Action::Delete,
    by: By::Sweep,
    key: &["id"],
    clock: "",
    only: None,
    objects: &[],
    blank: &[],
    basis: "",
    article: "",
    owner: "",
};

/// All rules. A sweep applies them in this order: rows that others refer to come after these.
pub const POLICIES: &[&[Policy]] = &[
    people::POLICIES,
    product::POLICIES,
    retention::POLICIES,
    status::POLICIES,
    autoscaler::POLICIES,
    engine::POLICIES,
];

/// All rules, one by one.
pub fn policies() -> impl Iterator<Item = &'static Policy> {
    POLICIES.iter().copied().flatten()
}

/// The rule of this name.
pub fn policy(dataset: &str) -> Option<&'static Policy> {
    policies().find(|policy| policy.dataset == dataset)
}

impl Policy {
    /// The table.
    pub fn table(&self) -> &'static str {
        self.dataset
            .split_once('.')
            .map_or(self.dataset, |(table, _)| table)
    }

    /// Its entry in the data map.
    pub fn entry(&self) -> Option<&'static data_map::Entry> {
        data_map::entry(self.table())
    }

    /// Days after the clock; 0 when the clock is the end itself.
    pub fn days(&self) -> i64 {
        let mapped = || match self.entry()?.keep {
            Keep::Days(days) | Keep::PayloadDays(days) => Some(days),
            _ => None,
        };
        self.days.or_else(mapped).unwrap_or(0).into()
    }

    /// Least and most days that a tenant may choose; the rule's own when there is no choice.
    pub fn bounds(&self) -> (i64, i64) {
        match self.bounds {
            Some((least, most)) => (least.into(), most.into()),
            None => (self.days(), self.days()),
        }
    }

    /// The action as it is stored and certified.
    pub fn action_name(&self) -> &'static str {
        match self.action {
            Action::Delete => "delete",
            Action::Anonymise => "anonymise",
            Action::Drop => "drop",
        }
    }

    /// The rows, as the store takes them.
    pub fn target(&self) -> Target {
        let entry = self.entry();
        let tenant = entry.and_then(|entry| match entry.owner {
            Owner::Tenant(column) => Some(column),
            Owner::Run(_) | Owner::System => None,
        });
        Target {
            dataset: self.dataset,
            table: self.table(),
            key: self.key,
            tenant,
            subject: entry.map_or(Subject::Nobody, |entry| entry.subject),
            clock: self.clock,
            only: self.only,
            blank: self.blank,
        }
    }
}
