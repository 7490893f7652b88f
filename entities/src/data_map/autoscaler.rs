//! Tables of the autoscaler: figures of the whole installation, by priority.

use super::{Basis, Entry, Erasure, Export, Keep, Owner, Subject};

/// Nobody's data.
const FIGURES: Entry = Entry {
    table: "",
    owner: Owner::System,
    subject: Subject::Nobody,
    holds: "",
    keep: Keep::UntilDone,
    basis: Basis::NoPersonalData,
    export: Export::NotNeeded,
    erasure: Erasure::Untouched,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        table: "flow",
        holds: "nothing personal: how many runs arrived and ended",
        ..FIGURES
    },
    Entry {
        table: "autoscaler_decisions",
        holds: "nothing personal: how many workers there should be, and why",
        keep: Keep::Days(30),
        ..FIGURES
    },
];
