//! Groups of operations in the document.

use poem_openapi::Tags;

#[derive(Tags)]
pub(crate) enum Tag {
    /// Starting runs and following them.
    Runs,
    /// Documents that say what runs do.
    Workflows,
    /// CloudEvents for runs that listen.
    Events,
    /// API keys of a tenant.
    Keys,
    /// Whether the service works, and pages about it. No key needed.
    Service,
}
