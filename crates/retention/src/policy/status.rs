//! The status of the service. No row is about a person; periods are the original's, and a year for what people were told.

use super::{DELETED, Policy};

const STATUS: Policy = Policy {
    basis: "measured uptime of thirty days can be shown; no personal data",
    article: "none needed",
    owner: "status",
    ..DELETED
};

pub(super) const POLICIES: &[Policy] = &[
    Policy {
        dataset: "status_snapshots",
        key: &["slot"],
        clock: "at",
        ..STATUS
    },
    Policy {
        dataset: "status_notes",
        clock: "at",
        basis: "what was said of an incident can be read for a year; no personal data",
        ..STATUS
    },
    Policy {
        dataset: "status_incidents",
        clock: "closed_at",
        basis: "incidents of a year can be counted; no personal data",
        ..STATUS
    },
];
