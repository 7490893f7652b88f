//! People, their tokens, and the trail of what was done to whose data.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "users",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::User("id"),
        holds: "e-mail address, name, language, currency, what the tenant keeps about a person, accepted terms",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "user_tokens",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::User("user_id"),
        holds: "nothing of a person but when tokens were issued",
        keep: Keep::UntilExpiry,
        basis: Basis::Contract,
        export: Export::Withheld,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "audit_events",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::User("user_id"),
        holds: "what was done to a person's data, when and by whom",
        keep: Keep::PayloadDays(AUDIT_DAYS),
        basis: Basis::LegalClaims,
        export: Export::Included,
        erasure: Erasure::PayloadErased,
    },
    Entry {
        table: "audit_streams",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "nothing personal: numbers and hashes",
        keep: Keep::Fixed,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
];

/// Six years, the time in which a claim can be brought (Limitation Act 1980, section 5), counted with leap days.
pub(super) const AUDIT_DAYS: u16 = 2_192;
