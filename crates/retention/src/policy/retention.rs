//! Retention's own tables.

use super::{DELETED, Policy};

const PROOF: Policy = Policy {
    bounds: Some((2_192, 3_653)),
    basis: "that data was deleted, or kept for a claim, can be shown as long as a claim can be brought",
    article: "UK GDPR art. 5(2), 17(3)(e); Limitation Act 1980 s. 5",
    owner: "retention",
    ..DELETED
};

pub(super) const POLICIES: &[Policy] = &[
    Policy {
        dataset: "legal_holds",
        clock: "released_at",
        ..PROOF
    },
    Policy {
        dataset: "retention_certificates",
        key: &["tenant_id", "number"],
        clock: "issued_at",
        ..PROOF
    },
];
