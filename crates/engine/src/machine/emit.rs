//! `emit`: the CloudEvent (CloudEvents 1.0, "Context Attributes").

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Here, Machine, scope::Scope, time::rfc3339};
use crate::WorkflowError;

impl Machine {
    /// The event: what `event.with` gives, and what every CloudEvent must have.
    pub(super) fn event(
        &self,
        here: &Here<'_>,
        with: Value,
        scope: &Scope<'_>,
    ) -> Result<Value, WorkflowError> {
        let Value::Object(mut with) = with else {
            return Err(scope.error("expression", "`emit.event.with` gives no object".to_owned()));
        };
        let mut event = Map::from_iter([("specversion".to_owned(), json!("1.0"))]);
        let document = &self.definition.document;
        let source = format!("/levqor/{}/{}", document.namespace, document.name);
        for (name, default) in [
            ("id", self.event_id(here)),
            ("source", source),
            ("time", rfc3339(scope.env.now)),
        ] {
            let value = with
                .shift_remove(name)
                .filter(|value| !value.is_null())
                .unwrap_or(Value::String(default));
            event.insert(name.to_owned(), value);
        }
        with.shift_remove("specversion");
        event.extend(with);
        let is_text = |name: &&str| {
            event
                .get(*name)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        match ["type", "id", "source", "time"]
            .iter()
            .find(|name| !is_text(name))
        {
            None => Ok(Value::Object(event)),
            Some(name) => Err(scope.error("expression", format!("the event's `{name}` is no text"))),
        }
    }

    /// Of the run and the path, so that an event sent again after a crash is the same event.
    fn event_id(&self, here: &Here<'_>) -> String {
        let digest = Sha256::digest(format!("{}:{}", self.id, here.path));
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest)
            .for_each(|(byte, hashed)| *byte = hashed);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }
}
