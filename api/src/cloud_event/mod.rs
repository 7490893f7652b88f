//! CloudEvents 1.0 over HTTP: structured, batched and binary mode (CloudEvents HTTP Protocol Binding 1.0.2).

mod attributes;
mod binary;
mod structured;

pub(crate) use binary::binary;
use levqor_store::{NewEvent, TenantId};
pub(crate) use structured::structured;

/// An event that is well-formed.
#[derive(Debug, PartialEq)]
pub(crate) struct CloudEvent {
    pub id: String,
    pub source: String,
    pub event_type: String,
    /// The whole event as JSON text.
    pub body: Vec<u8>,
}

impl CloudEvent {
    pub(crate) fn into_new(self, tenant: TenantId) -> NewEvent {
        let Self {
            id,
            source,
            event_type,
            body,
        } = self;
        NewEvent {
            tenant,
            source,
            event_id: id,
            event_type,
            body,
        }
    }
}
