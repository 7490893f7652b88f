//! Tables of billing. The original kept them for seven years; the law asks for six years after the financial year
//! (Companies Act 2006, section 388; Finance Act 1998, schedule 18, paragraph 21), which seven years cover.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

/// Seven years, of which two at most have a leap day.
const BOOKS: Keep = Keep::Days(2_557);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "billing_accounts",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Email("email"),
        holds: "where bills go, what was promised about paying them",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::Retained,
    },
    Entry {
        table: "stripe_events",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "invoices as Stripe reports them: name, address, e-mail of who pays, amounts",
        keep: BOOKS,
        basis: Basis::LegalObligation,
        export: Export::Included,
        erasure: Erasure::Retained,
    },
    Entry {
        table: "billing_invoices",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "amounts, when payments failed, how far reminders went",
        keep: BOOKS,
        basis: Basis::LegalObligation,
        export: Export::Included,
        erasure: Erasure::Retained,
    },
    Entry {
        table: "billing_subscriptions",
        owner: Owner::Tenant("tenant_id"),
        subject: Subject::Nobody,
        holds: "when subscriptions were paused or ended",
        keep: BOOKS,
        basis: Basis::LegalObligation,
        export: Export::Included,
        erasure: Erasure::Retained,
    },
    Entry {
        table: "billing_policies",
        owner: Owner::System,
        subject: Subject::Nobody,
        holds: "nothing personal: days and names of letters",
        keep: Keep::Fixed,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
];
