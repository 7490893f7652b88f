//! Dunning: one activity, asked again and again by the run of an invoice.

mod stage;

use crate::activity::Registry;

/// These activities.
pub(super) fn register(registry: Registry) -> Registry {
    registry.with(stage::Stage)
}
