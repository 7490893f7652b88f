//! The row of a run that has ended.

use levqor_store::{RunId, TenantId};
use serde_json::{Value, json};

use crate::Row;

/// From the message that the run left at its end; None when it is no such message. A run that was retried and ended
/// again has one row more, as it has one end more.
pub fn run_row(tenant: TenantId, run: RunId, epoch: i32, message: &[u8]) -> Option<Row> {
    let message: Value = serde_json::from_slice(message).ok()?;
    let (name, version) = message["workflow"].as_str()?.rsplit_once(':')?;
    let (created, ended) = (message["created_at"].as_i64()?, message["ended_at"].as_i64()?);
    let time = |micros| {
        jiff::Timestamp::from_microsecond(micros)
            .ok()
            .map(|at| at.to_string())
    };
    let fields = json!({
        "name": name, "version": version, "state": message["state"].as_str()?, "attempts": message["attempts"],
        "started_at": time(created)?, "ended_at": time(ended)?, "duration_ms": (ended - created) / 1_000,
    });
    Some(Row {
        tenant,
        dataset: "runs",
        external_id: format!("{run}-{epoch}"),
        fields: fields.as_object()?.clone(),
    })
}

#[cfg(test)]
mod tests {
    use levqor_entities::ids::{RunId, TenantId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_message_of_an_end_becomes_a_row_and_another_does_not() {
        let (tenant, run) = (TenantId(Uuid::nil()), RunId(Uuid::nil()));
        let message =
            br#"{"workflow":"a/b:1.0.0","state":"completed","attempts":2,"created_at":0,"ended_at":2500000}"#;
        let row = run_row(tenant, run, 2, message).unwrap();
        assert_eq!(row.external_id, "00000000-0000-0000-0000-000000000000-2");
        assert_eq!(
            (&row.fields["name"], &row.fields["duration_ms"]),
            (&json!("a/b"), &json!(2_500))
        );
        assert_eq!(row.fields["ended_at"], "1970-01-01T00:00:02.5Z");
        assert!(run_row(tenant, run, 2, b"{}").is_none());
    }
}
