//! Tables of retention itself.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

/// Six years: holds and certificates show how claims were met, and may be asked for as long as these can be brought
/// (Limitation Act 1980, section 5; GDPR article 5(2)).
const CLAIMS: Keep = Keep::Days(2_192);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "legal_holds",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::User("user_id"),
        holds: "that a claim or an order concerns a person, and their address",
        keep: CLAIMS,
        basis: Basis::LegalClaims,
        export: Export::Withheld,
        erasure: Erasure::Retained,
    },
    Entry {
        table: "retention_certificates",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "nothing personal: counts of deleted rows, sums of HMACs",
        keep: CLAIMS,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "retention_overrides",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "periods a customer chose, and why",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::NotNeeded,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "retention_counts",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "nothing personal: counts of deleted rows, sums of HMACs",
        keep: Keep::UntilDone,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "retention_objects",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "nothing personal: keys of objects that are about to be deleted",
        keep: Keep::UntilDone,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "retention_policies",
        owner: Owner::System,
        subject: Subject::Nobody,
        holds: "nothing personal: periods and their reasons",
        keep: Keep::Fixed,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "retention_sweeps",
        owner: Owner::System,
        subject: Subject::Nobody,
        holds: "nothing personal: times",
        keep: Keep::UntilDone,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "retention_parts",
        owner: Owner::System,
        subject: Subject::Nobody,
        holds: "nothing personal: names of rules",
        keep: Keep::UntilDone,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
];
