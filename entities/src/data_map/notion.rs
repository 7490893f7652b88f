//! The table of what goes to the operator's Notion.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

pub(super) const ENTRIES: &[Entry] = &[Entry {
    table: "notion_rows",
    owner: Owner::Tenant("tenant_id"),
    subject: Subject::Nobody,
    holds: "states and durations of runs by workflow, sums, names of keys; no payloads",
    keep: Keep::Days(90),
    basis: Basis::LegitimateInterest,
    export: Export::NotNeeded,
    erasure: Erasure::Deleted,
}];
