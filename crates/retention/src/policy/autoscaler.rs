//! The autoscaler. No row is about a person or a tenant.

use super::{DELETED, Policy};

pub(super) const POLICIES: &[Policy] = &[Policy {
    dataset: "autoscaler_decisions",
    clock: "at",
    basis: "a month's decisions can be recomputed; no personal data",
    article: "none needed",
    owner: "autoscaler",
    ..DELETED
}];
