//! Many runs in one request.

use serde_json::{Value, json};

use super::{
    api::Sent,
    context::Context,
    plan::Op,
    send::{Outgoing, of_answer, settle},
};
use crate::history::{Answered, Fate, Start};

/// An item that is not settled: its place in the history, its key and its body.
struct Item {
    at: usize,
    body: Value,
}

/// Asks for all of them under their own keys, again until each is accepted or refused for good.
pub(super) async fn send(context: &Context, ops: &[Op]) {
    let tenant = ops.first().map_or(0, |op| op.tenant);
    let starts = ops.iter().map(|op| context.start(op)).collect();
    send_starts(context, tenant, starts).await;
}

/// The same for requests that are made.
pub(super) async fn send_starts(context: &Context, tenant: usize, starts: Vec<Start>) {
    let mut open: Vec<Item> = starts.into_iter().map(|start| item(context, start)).collect();
    while !open.is_empty() {
        let bodies = Value::Array(open.iter().map(|item| item.body.clone()).collect());
        let outgoing = Outgoing {
            tenant,
            path: "/api/v1/intake/batch",
            sent: Sent::json(&bodies),
        };
        // An answer without items speaks of all of them.
        let note = |answered: &Answered, body: &Value| {
            if body.get("items").is_none() {
                for item in &open {
                    context.recorder.answered(item.at, answered.clone());
                }
            }
        };
        let sent = context.recorder.now();
        let Some((Fate::Done, answer)) = settle(context, outgoing, note).await else {
            return;
        };
        let fates = answer
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let at = context.recorder.now();
        let settled: Vec<bool> = open
            .iter()
            .zip(fates.iter().chain(std::iter::repeat(&Value::Null)))
            .map(|(item, fate)| note_item(context, item, fate, sent, at))
            .collect();
        let mut settled = settled.into_iter();
        open.retain(|_| !settled.next().unwrap_or(true));
        if context.stop.is_cancelled() {
            return;
        }
    }
}

fn item(context: &Context, start: Start) -> Item {
    let mut body = context.body(&start);
    body["idempotency_key"] = json!(start.key);
    Item {
        at: context.recorder.start(start),
        body,
    }
}

/// Whether the item's outcome is known.
fn note_item(context: &Context, item: &Item, fate: &Value, sent: u64, at: u64) -> bool {
    let status = fate.get("status").and_then(Value::as_u64).unwrap_or_default();
    let replayed = fate.get("replayed").and_then(Value::as_bool).unwrap_or_default();
    let said = fate.get("problem").unwrap_or(fate);
    let fate = of_answer(u16::try_from(status).unwrap_or_default(), replayed, said);
    let known = !matches!(fate, Fate::Refused { .. } | Fate::Unknown { .. });
    context.recorder.answered(item.at, Answered { sent, at, fate });
    known
}
