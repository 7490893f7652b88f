//! What leaves with a commit: the notice of a run's end, and events it emitted.

use levqor_engine::Outcome;
use levqor_store::{EndState, NewOutbox, OutboxKind, RunId, RunState, Timestamp};
use levqor_trace::TraceContext;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

/// An outcome in the store's words.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) state: EndState,
    /// JSON text.
    pub(super) output: Option<Vec<u8>>,
    /// JSON text.
    pub(super) error: Option<Vec<u8>>,
}

impl Notice {
    pub(super) fn of(outcome: &Outcome) -> Result<Self, serde_json::Error> {
        Ok(match outcome {
            Outcome::Completed(output) => Self {
                state: EndState::Completed,
                output: Some(serde_json::to_vec(output)?),
                error: None,
            },
            Outcome::Faulted(error) => Self {
                state: EndState::Faulted,
                output: None,
                error: Some(serde_json::to_vec(error)?),
            },
            Outcome::Cancelled => Self {
                state: EndState::Cancelled,
                output: None,
                error: None,
            },
        })
    }
}

/// Body of the POST to a run's callback URL.
#[derive(Serialize)]
struct Callback<'a> {
    id: RunId,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<&'a str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    /// RFC 3339, on the store's clock.
    ended_at: String,
}

/// The outbox row that reports an end: `{id, workflow, state, output | error, ended_at}`.
pub(super) fn callback(
    url: &str,
    id: RunId,
    workflow: Option<&str>,
    notice: &Notice,
    now: Timestamp,
) -> Result<NewOutbox, serde_json::Error> {
    let body = Callback {
        id,
        workflow,
        state: RunState::from(notice.state).as_str(),
        output: raw(notice.output.as_deref()),
        error: raw(notice.error.as_deref()),
        ended_at: jiff::Timestamp::from_microsecond(now.0)
            .unwrap_or_default()
            .to_string(),
    };
    Ok(NewOutbox {
        kind: OutboxKind::Callback,
        target: Some(url.into()),
        body: serde_json::to_vec(&body)?,
    })
}

fn raw(json: Option<&[u8]>) -> Option<&RawValue> {
    serde_json::from_slice(json?).ok()
}

/// How a run went, without what it was about.
#[derive(Serialize)]
struct RunResult<'a> {
    workflow: &'a str,
    state: &'static str,
    attempts: i32,
    created_at: i64,
    ended_at: i64,
}

/// The outbox row that tells the operator's lists of an end; times in microseconds since 1970.
pub(super) fn result(
    workflow: &str,
    notice: &Notice,
    attempts: i32,
    created_at: Timestamp,
    now: Timestamp,
) -> Result<NewOutbox, serde_json::Error> {
    let body = RunResult {
        workflow,
        state: RunState::from(notice.state).as_str(),
        attempts,
        created_at: created_at.0,
        ended_at: now.0,
    };
    Ok(NewOutbox {
        kind: OutboxKind::Result,
        target: None,
        body: serde_json::to_vec(&body)?,
    })
}

/// The outbox row of an emitted CloudEvent. It carries the trace of its run (CloudEvents, "Distributed Tracing"), unless the
/// document says another.
pub(super) fn event(mut event: Value, trace: Option<TraceContext>) -> NewOutbox {
    if let (Value::Object(attributes), Some(trace)) = (&mut event, trace) {
        attributes
            .entry("traceparent")
            .or_insert_with(|| Value::String(trace.to_string()));
    }
    NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: event.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_event_carries_the_trace_of_its_run_unless_it_has_one() {
        let trace = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        let told = |given: Value, trace| {
            let body: Value = serde_json::from_slice(&event(given, trace).body).unwrap();
            body["traceparent"].clone()
        };
        assert_eq!(told(json!({"id": "1"}), trace), json!(trace.unwrap().to_string()));
        assert_eq!(
            told(json!({"id": "1", "traceparent": "mine"}), trace),
            json!("mine")
        );
        assert_eq!(told(json!({"id": "1"}), None), Value::Null);
    }

    #[test]
    fn a_callback_tells_the_outcome() {
        let notice = Notice::of(&Outcome::Completed(json!({"n": 1}))).unwrap();
        let id = RunId(Uuid::from_u128(1));
        let row = callback(
            "http://example.org/hook",
            id,
            Some("a/b:1.0.0"),
            &notice,
            Timestamp(1_500_000),
        )
        .unwrap();
        assert_eq!(row.target.as_deref(), Some("http://example.org/hook"));
        let body: Value = serde_json::from_slice(&row.body).unwrap();
        assert_eq!(
            body,
            json!({
                "id": id, "workflow": "a/b:1.0.0", "state": "completed", "output": {"n": 1},
                "ended_at": "1970-01-01T00:00:01.5Z"
            })
        );
    }
}
