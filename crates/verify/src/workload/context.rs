//! What all clients share.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{api::Api, plan::Op, recorder::Recorder};
use crate::history::Start;

/// What all clients share.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) api: Api,
    pub(super) recorder: Arc<Recorder>,
    /// Namespace of the documents, which also begins every idempotency key.
    pub(super) namespace: String,
    /// Where runs call, and where ends are told; None when the installation cannot reach us.
    pub(super) effects: Option<(String, String)>,
    /// This machine's wall clock, in microseconds since 1970: times to start at are made of it.
    pub(super) wall: fn() -> i64,
    /// No request is repeated any more.
    pub(super) stop: CancellationToken,
}

impl Context {
    /// `namespace/name`.
    pub(super) fn workflow(&self, name: &str) -> String {
        format!("{}/{name}", self.namespace)
    }

    /// The request of an op, before it is sent.
    pub(super) fn start(&self, op: &Op) -> Start {
        let key = format!("{}-{}", self.namespace, op.number);
        let mut input = op.input.clone();
        input["op"] = json!(key);
        if let Some((calls, _)) = &self.effects {
            input["url"] = json!(calls);
        }
        let later = i64::try_from(op.after * 1_000).unwrap_or_default();
        let is_later = op.kind == crate::history::Kind::Later;
        Start {
            key,
            tenant: op.tenant,
            kind: op.kind,
            priority: op.priority,
            input,
            run_at: is_later.then(|| (self.wall)() + later),
            callback: op.callback && self.effects.is_some(),
            answers: Vec::new(),
            clash: None,
            waiting: None,
        }
    }

    /// Its body; the key goes in the header, or with an item of a batch in the body.
    pub(super) fn body(&self, start: &Start) -> Value {
        let mut body = json!({
            "workflow": self.workflow(start.kind.name()),
            "payload": start.input,
            "priority": start.priority.name(),
        });
        let at = start
            .run_at
            .and_then(|at| jiff::Timestamp::from_microsecond(at).ok());
        if let Some(at) = at {
            body["run_at"] = json!(at.to_string());
        }
        if let (true, Some((_, notices))) = (start.callback, &self.effects) {
            body["callback_url"] = json!(notices);
        }
        body
    }
}
