//! What the installation tells the operator's Notion of itself.

mod collect;

use crate::activity::Registry;

/// These activities.
pub(super) fn register(registry: Registry) -> Registry {
    registry.with(collect::Collect)
}
