//! The table of reports.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

pub(super) const ENTRIES: &[Entry] = &[Entry {
    table: "reports",
    owner: Owner::Tenant("tenant_id"),
    subject: Subject::Nobody,
    holds: "an address of the operator or tenant; the files hold sums and names of workflows",
    keep: Keep::Days(365),
    basis: Basis::LegitimateInterest,
    export: Export::NotNeeded,
    erasure: Erasure::Deleted,
}];
