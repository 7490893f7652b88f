//! Tables of what runs cost and bring in. They hold sums by workflow and name nobody.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

/// An entry about nobody, kept this long.
const fn sums(table: &'static str, holds: &'static str, keep: Keep) -> Entry {
    Entry {
        table,
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds,
        keep,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    }
}

pub(super) const ENTRIES: &[Entry] = &[
    sums(
        "usage",
        "nothing personal: what runs used, on its way into the ledger",
        Keep::UntilDone,
    ),
    sums(
        "usage_days",
        "nothing personal: sums by day, workflow and key",
        Keep::Account,
    ),
    sums(
        "ledger_entries",
        "nothing personal: sums by workflow and key, prices",
        Keep::Account,
    ),
    sums(
        "ledger_postings",
        "nothing personal: amounts between accounts",
        Keep::Account,
    ),
    sums("ledger_accounts", "nothing personal: balances", Keep::Account),
    sums(
        "budgets",
        "nothing personal: limits by workflow and key",
        Keep::Account,
    ),
];
