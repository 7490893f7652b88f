//! A stored version, ready to check payloads against.

use jsonschema::Validator;
use levqor_store::WorkflowId;
use serde_json::Value;

use crate::error::{Code, ErrorItem, Problem};

/// Most errors reported for one payload.
const ERRORS: usize = 50;

pub(crate) struct Prepared {
    /// Which version.
    pub id: WorkflowId,
    schema: Option<Validator>,
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
        let schema = schema
            .map(levqor_workflow::schema::compile)
            .transpose()
            .map_err(broken)?;
        Ok(Self { id, schema })
    }

    /// Checks a payload, JSON text that lies at `pointer` of the request.
    pub(crate) fn check(&self, payload: &[u8], pointer: &str) -> Result<(), Problem> {
        let Some(schema) = &self.schema else { return Ok(()) };
        let value: Value = serde_json::from_slice(payload)
            .map_err(|error| Problem::new(Code::InvalidJson, error.to_string()).at(pointer))?;
        let errors: Vec<ErrorItem> = schema
            .iter_errors(&value)
            .take(ERRORS)
            .map(|error| ErrorItem {
                code: error.kind().keyword().into(),
                pointer: format!("{pointer}{}", error.instance_path()),
                line: None,
                column: None,
                detail: error.masked().to_string(),
            })
            .collect();
        let Some(first) = errors.first() else {
            return Ok(());
        };
        let (detail, at) = (first.detail.clone(), first.pointer.clone());
        Err(Problem::new(Code::InvalidInput, detail).at(at).errors(errors))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn prepared(document: &str) -> Prepared {
        Prepared::new(WorkflowId(Uuid::nil()), document.as_bytes()).unwrap()
    }

    #[test]
    fn a_payload_is_checked_with_formats_on() {
        let workflow = prepared(
            r#"{"input":{"schema":{"document":{"type":"object","required":["mail"],
                "properties":{"mail":{"type":"string","format":"email"}}}}}}"#,
        );
        workflow
            .check(br#"{"mail":"a@example.com"}"#, "/payload")
            .unwrap();
        let wrong = workflow
            .check(br#"{"mail":"nobody"}"#, "/payload")
            .unwrap_err()
            .body("", "r");
        assert_eq!(
            (wrong.code.as_str(), wrong.pointer.as_deref()),
            ("invalid_input", Some("/payload/mail"))
        );
        assert!(workflow.check(b"{}", "/payload").is_err());
    }

    #[test]
    fn the_message_does_not_repeat_the_payload() {
        let workflow = prepared(r#"{"input":{"schema":{"document":{"type":"string","maxLength":3}}}}"#);
        let wrong = workflow
            .check(br#""a secret text""#, "")
            .unwrap_err()
            .body("", "r");
        assert!(!wrong.detail.contains("secret"), "{}", wrong.detail);
    }

    #[test]
    fn without_a_schema_everything_fits() {
        prepared("{}").check(b"anything", "").unwrap();
    }
}
