//! Sending until an answer says what came of it, as a client must that wants something done once.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::{
    api::{Reply, Sent},
    context::Context,
};
use crate::history::{Answered, Fate};

/// First and longest pause before a request is repeated.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// A request, as often as it is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) tenant: usize,
    pub(super) path: &'a str,
    pub(super) sent: Sent<'a>,
}

/// Sends once; the answer with its body.
pub(super) async fn once(context: &Context, turn: usize, outgoing: Outgoing<'_>) -> (Answered, Value) {
    let sent = context.recorder.now();
    let reply = context
        .api
        .send(outgoing.tenant, turn, "POST", outgoing.path, outgoing.sent)
        .await;
    let (fate, body) = fate(reply);
    let at = context.recorder.now();
    (Answered { sent, at, fate }, body)
}

/// Sends until the outcome is known or the verification ends. `note` gets each answer.
pub(super) async fn settle(
    context: &Context,
    outgoing: Outgoing<'_>,
    note: impl Fn(&Answered, &Value),
) -> Option<(Fate, Value)> {
    let mut pause = PAUSE.0;
    for turn in 0.. {
        let (answered, body) = once(context, turn, outgoing).await;
        note(&answered, &body);
        match answered.fate {
            Fate::Refused { .. } | Fate::Unknown { .. } => {}
            known => return Some((known, body)),
        }
        tokio::select! {
            () = context.stop.cancelled() => return None,
            () = sleep(pause) => pause = (pause * 2).min(PAUSE.1),
        }
    }
    None
}

/// What an answer says.
fn fate(reply: Reply) -> (Fate, Value) {
    match reply {
        Reply::Answer {
            status,
            replayed,
            body,
        } => (of_answer(status, replayed, &body), body),
        Reply::Nothing(what) => (Fate::Unknown { what }, Value::Null),
    }
}

/// The same for an item of a batch, which has the status it would have got alone.
pub(super) fn of_answer(status: u16, replayed: bool, body: &Value) -> Fate {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    match status {
        200..300 => match text("job_id") {
            Some(run) => Fate::Accepted { run, replayed },
            None => Fate::Done,
        },
        409 => Fate::Conflict {
            code: text("code").unwrap_or_default(),
            run: text("job_id"),
            state: text("state"),
        },
        429 | 503 => Fate::Refused { status },
        // The API gave up reading a request that came too slowly.
        408 => Fate::Unknown {
            what: "408".to_owned(),
        },
        400..500 => Fate::Rejected {
            status,
            problem: body.clone(),
        },
        _ => Fate::Unknown {
            what: format!("{status} {body}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_2xx_is_accepted_and_only_a_4xx_is_final() {
        let fate = |status| of_answer(status, false, &json!({"job_id": "r", "code": "c", "state": "s"}));
        assert!(matches!(fate(202), Fate::Accepted { .. }));
        assert!(matches!(fate(409), Fate::Conflict { .. }));
        for status in [429, 503] {
            assert_eq!(fate(status), Fate::Refused { status });
        }
        for status in [408, 500, 502, 504, 302] {
            assert!(matches!(fate(status), Fate::Unknown { .. }), "{status}");
        }
        for status in [400, 404, 422] {
            assert!(matches!(fate(status), Fate::Rejected { .. }), "{status}");
        }
    }
}
