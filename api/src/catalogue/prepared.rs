//! A stored version, ready to check payloads against.

use std::sync::Arc;

use bytes::Bytes;
use levqor_store::{TenantId, WorkflowId};
use levqor_workflow::schema::{Misfit, Schema};
use serde_json::Value;

use super::Lanes;
use crate::error::{Code, ErrorItem, Problem};

/// Most errors reported for one payload.
const ERRORS: usize = 50;

/// A check of at most so many steps is made at once: some 20 ms at worst, microseconds as a rule.
const LIGHT: usize = 1_000_000;

pub(crate) struct Prepared {
    /// Which version.
    pub id: WorkflowId,
    schema: Option<Arc<Schema>>,
}

impl Prepared {
    /// From a stored document. Its schema was compiled once before, when it was posted.
    pub(super) fn new(id: WorkflowId, document: &[u8]) -> Result<Self, Problem> {
        let broken = |reason: String| {
            tracing::error!(workflow = %id, reason, "stored workflow cannot be prepared");
            Problem::new(Code::Internal, "The stored workflow cannot be read.")
        };
        let document: Value = serde_json::from_slice(document).map_err(|error| broken(error.to_string()))?;
        let schema = document.pointer("/input/schema/document");
        let schema = schema.map(Schema::compile).transpose().map_err(broken)?;
        Ok(Self {
            id,
            schema: schema.map(Arc::new),
        })
    }

    /// Checks a payload, JSON text that lies at `pointer` of the request. One that may take long is checked in the
    /// tenant's lane.
    pub(crate) async fn check(
        &self,
        lanes: &Lanes,
        tenant: TenantId,
        payload: &Bytes,
        pointer: &str,
    ) -> Result<(), Problem> {
        let Some(schema) = &self.schema else { return Ok(()) };
        let misfits = if schema.steps(payload.len()) <= LIGHT {
            misfits(schema, payload)
        } else {
            let (schema, payload) = (Arc::clone(schema), payload.clone());
            lanes.run(tenant, move || misfits(&schema, &payload)).await?
        };
        refuse(misfits.map_err(|problem| problem.at(pointer))?, pointer)
    }
}

fn misfits(schema: &Schema, payload: &[u8]) -> Result<Vec<Misfit>, Problem> {
    let value: Value = serde_json::from_slice(payload)
        .map_err(|error| Problem::new(Code::InvalidJson, error.to_string()))?;
    Ok(schema.misfits(&value, ERRORS))
}

fn refuse(misfits: Vec<Misfit>, pointer: &str) -> Result<(), Problem> {
    let errors: Vec<ErrorItem> = misfits
        .into_iter()
        .map(|misfit| ErrorItem {
            code: misfit.keyword,
            pointer: format!("{pointer}{}", misfit.pointer),
            line: None,
            column: None,
            detail: misfit.message,
        })
        .collect();
    let Some(first) = errors.first() else {
        return Ok(());
    };
    let (detail, at) = (first.detail.clone(), first.pointer.clone());
    Err(Problem::new(Code::InvalidInput, detail).at(at).errors(errors))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    async fn check(schema: &str, payload: String) -> Result<(), Problem> {
        let document = format!(r#"{{"input":{{"schema":{{"document":{schema}}}}}}}"#);
        let workflow = Prepared::new(WorkflowId(Uuid::nil()), document.as_bytes()).unwrap();
        let (tenant, payload) = (TenantId(Uuid::nil()), payload.into());
        workflow.check(&Lanes::new(), tenant, &payload, "/payload").await
    }

    #[tokio::test]
    async fn a_payload_is_checked_with_formats_on() {
        let schema = r#"{"type":"object","required":["mail"],
            "properties":{"mail":{"type":"string","format":"email"}}}"#;
        check(schema, r#"{"mail":"a@example.com"}"#.into()).await.unwrap();
        let wrong = check(schema, r#"{"mail":"nobody"}"#.into()).await;
        let wrong = wrong.unwrap_err().body("", "r");
        assert_eq!(
            (wrong.code.as_str(), wrong.pointer.as_deref()),
            ("invalid_input", Some("/payload/mail"))
        );
        assert!(check(schema, "{}".into()).await.is_err());
    }

    #[tokio::test]
    async fn the_message_does_not_repeat_the_payload() {
        let schema = r#"{"type":"string","maxLength":3}"#;
        let wrong = check(schema, r#""a secret text""#.into()).await;
        let wrong = wrong.unwrap_err().body("", "r");
        assert!(!wrong.detail.contains("secret"), "{}", wrong.detail);
    }

    #[tokio::test]
    async fn a_long_payload_is_checked_as_a_short_one_is() {
        let schema = r#"{"items":{"type":"string","pattern":"^a+$"}}"#;
        let items = |last: &str| serde_json::json!(["a".repeat(5_000), last]).to_string();
        check(schema, items("a")).await.unwrap();
        let wrong = check(schema, items("b")).await.unwrap_err().body("", "r");
        assert_eq!(wrong.pointer.as_deref(), Some("/payload/1"));
    }

    #[tokio::test]
    async fn without_a_schema_everything_fits() {
        let workflow = Prepared::new(WorkflowId(Uuid::nil()), b"{}").unwrap();
        let (tenant, payload) = (TenantId(Uuid::nil()), Bytes::from_static(b"anything"));
        workflow.check(&Lanes::new(), tenant, &payload, "").await.unwrap();
    }
}
