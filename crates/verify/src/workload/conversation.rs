//! A run that listens, and who speaks to it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    api::Sent,
    context::Context,
    documents::event_type,
    plan::Op,
    send::{Outgoing, settle},
};
use crate::history::{Answered, Event, Fate};

/// How often the run is looked at until it listens.
const LOOK: Duration = Duration::from_millis(100);

/// Sends the event from before the run, where the plan has one.
pub(super) async fn early(context: &Context, op: &Op, key: &str) {
    if op.input["early"] == json!(true) {
        speak(context, op, key, 0).await;
    }
}

/// Waits until the run listens, then sends it its two events.
pub(super) async fn hold(context: &Context, op: &Op, at: usize, key: &str, run: &str) {
    let path = format!("/api/v1/runs/{run}");
    for turn in 0.. {
        let shown = context.api.read(op.tenant, turn, &path, Duration::ZERO).await;
        if shown.is_some_and(|run| run["state"] == "waiting") {
            break;
        }
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
    context.recorder.waiting(at, context.recorder.now());
    if op.input["together"] == json!(true) {
        tokio::join!(speak(context, op, key, 1), speak(context, op, key, 2));
    } else {
        speak(context, op, key, 1).await;
        sleep(Duration::from_millis(op.after)).await;
        speak(context, op, key, 2).await;
    }
}

/// Sends one event until it is taken.
async fn speak(context: &Context, op: &Op, key: &str, n: u8) {
    let id = format!("{key}-event-{n}");
    let at = context.recorder.event(Event {
        op: key.to_owned(),
        id: id.clone(),
        n,
        matched: None,
        answers: Vec::new(),
    });
    let body = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("urn:levqor:{}", context.namespace),
        "type": event_type(&context.namespace),
        "data": {"op": key, "n": n},
    });
    let outgoing = Outgoing {
        tenant: op.tenant,
        path: "/api/v1/events",
        sent: Sent {
            media: "application/cloudevents+json",
            ..Sent::json(&body)
        },
    };
    let note = |answered: &Answered, body: &Value| {
        let taken = answered.fate == Fate::Done;
        let matched = body["events"][0]["matched"].as_u64().filter(|_| taken);
        context.recorder.event_answered(at, answered.clone(), matched);
    };
    settle(context, outgoing, note).await;
}
