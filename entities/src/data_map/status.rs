//! Tables of the service's status.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

/// Nobody's data.
const STATUS: Entry = Entry {
    table: "",
    owner: Owner::System,
    subject: Subject::Nobody,
    holds: "",
    keep: Keep::Fixed,
    basis: Basis::NoPersonalData,
    export: Export::NotNeeded,
    erasure: Erasure::Untouched,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "status_snapshots",
        holds: "nothing personal: measured states of the service",
        keep: Keep::Days(30),
        ..STATUS
    },
    Entry {
        table: "status_incidents",
        holds: "nothing personal: when the service was degraded or down",
        keep: Keep::Days(365),
        ..STATUS
    },
    Entry {
        table: "status_notes",
        holds: "nothing personal: what operators tell everybody of an incident",
        keep: Keep::Days(365),
        ..STATUS
    },
    Entry {
        table: "status_probe",
        holds: "nothing personal: one row that a probe writes",
        ..STATUS
    },
];
