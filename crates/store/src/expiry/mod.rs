//! The end of rows whose retention is over: one shape of statement for every table, with the legal holds and the
//! tenants' own periods inside it, so that what was placed or chosen before the statement began always counts.

mod batch;
mod look;
pub(crate) mod sql;

use levqor_entities::data_map::Subject;

use crate::{TenantId, Timestamp};

pub use look::Expired;

/// Rows of one table to which one rule applies. All names come from this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The rule's name in `retention_policies`.
    pub dataset: &'static str,
    /// The table.
    pub table: &'static str,
    /// Columns that name a row; all of its primary key.
    pub key: &'static [&'static str],
    /// Column of the tenant; None when the rows are nobody's, and then no hold covers them.
    pub tenant: Option<&'static str>,
    /// How a row names the person it is about.
    pub subject: Subject,
    /// Column from which time runs; rows without a value there stay. It needs an index that begins with it, after
    /// `only`'s column when there is one.
    pub clock: &'static str,
    /// Only rows with this text in this column.
    pub only: Option<(&'static str, &'static str)>,
    /// Columns to set to NULL instead of deleting the row; a row whose first is NULL is done.
    pub blank: &'static [&'static str],
}

/// Which rows are old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Ages are counted up to this time.
    pub as_of: Timestamp,
    /// The rule's period in days.
    pub days: i64,
    /// The shortest period of all: the rule's, or one that a tenant chose. No younger row is looked at.
    pub shortest: i64,
    /// Rows with a smaller clock were looked at before.
    pub from: Timestamp,
}

/// A row that has gone, or lost what named a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Whose it was.
    pub tenant: Option<TenantId>,
    /// Its key as text, parts joined by `/`; UUIDs with hyphens.
    pub id: String,
    /// The period that applied to it, in days.
    pub days: i64,
    /// Its clock.
    pub clock: Timestamp,
}

const DAY_US: i64 = 86_400_000_000;

impl Span {
    /// The latest clock that can be old enough.
    fn latest(&self) -> i64 {
        self.as_of.0.saturating_sub(self.shortest.saturating_mul(DAY_US))
    }
}
