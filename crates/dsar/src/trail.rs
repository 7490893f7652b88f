//! What is remembered of a request, beside its row.

use levqor_audit::{Actor, Entry};
use levqor_platform::Platform;
use levqor_store::{StoreError, Timestamp, Tx};
use serde_json::{Value, json};

use crate::Request;

/// Adds an entry to the tenant's `dsar` stream in the caller's transaction, as its last statement.
pub(crate) async fn note(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    request: &Request,
    (kind, actor): (&str, Actor),
    detail: Value,
) -> Result<(), StoreError> {
    let mut whole = json!({"request": request.id});
    if let (Some(whole), Value::Object(detail)) = (whole.as_object_mut(), detail) {
        whole.extend(detail);
    }
    let entry = Entry {
        tenant: request.tenant_id,
        stream: "dsar",
        kind,
        actor,
        subject: Some(request.user_id),
        detail: &whole,
    };
    levqor_audit::append(tx, platform, now, entry).await
}
