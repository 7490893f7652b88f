//! Tables of requests for a person's data.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

/// Three years: as long as a person or an authority may ask whether a request was answered in time, and no longer
/// (GDPR article 5(2)).
const REQUEST_DAYS: u16 = 1_096;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "dsar_requests",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::User("user_id"),
        holds: "when a person asked for their data, when it was due and answered, reasons given",
        keep: Keep::Days(REQUEST_DAYS),
        basis: Basis::LegalObligation,
        export: Export::Included,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "dsar_grants",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "nothing personal: keys and hashes of what opens a package",
        keep: Keep::UntilExpiry,
        basis: Basis::LegalObligation,
        export: Export::Withheld,
        erasure: Erasure::Deleted,
    },
];
