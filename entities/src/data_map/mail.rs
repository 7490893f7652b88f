//! Tables of mails.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "mails",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Email("recipient"),
        holds: "addresses, subjects, what mails say until they are sent, when they were sent, delivered, refused",
        keep: Keep::Days(90),
        basis: Basis::LegitimateInterest,
        export: Export::Included,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "mail_suppressions",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "addresses that get no mail, as HMAC",
        keep: Keep::Account,
        basis: Basis::LegalObligation,
        export: Export::NotNeeded,
        erasure: Erasure::Kept,
    },
];
