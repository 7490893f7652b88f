//! What is done about one arrival, to its end.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    api::Sent,
    batch,
    context::Context,
    conversation,
    plan::{Again, Arrival, Op},
    send::{Outgoing, once, settle},
    watch,
};
use crate::history::{Cancel, Fate, Kind};

/// Where runs are asked for.
const INTAKE: &str = "/api/v1/intake";

/// Plays an arrival.
pub(super) async fn play(context: &Context, arrival: &Arrival) {
    match arrival.ops.as_slice() {
        [op] => one(context, op).await,
        ops => batch::send(context, ops).await,
    }
}

async fn one(context: &Context, op: &Op) {
    let start = context.start(op);
    if op.kind == Kind::Listen {
        conversation::early(context, op, &start.key).await;
    }
    let at = context.recorder.start(start.clone());
    let body = context.body(&start);
    let request = Request {
        context,
        at,
        body: &body,
        key: &start.key,
        tenant: start.tenant,
    };
    let Some(run) = request.ask(op.again).await else {
        return;
    };
    if op.clash {
        request.clash().await;
    }
    then(context, op, at, &start.key, &run).await;
}

/// What the kind asks for once the run is accepted.
async fn then(context: &Context, op: &Op, at: usize, key: &str, run: &str) {
    match op.kind {
        Kind::Listen => conversation::hold(context, op, at, key, run).await,
        Kind::Cancel | Kind::Race => {
            sleep(Duration::from_millis(op.after)).await;
            cancel(context, op, key, run).await;
        }
        _ => {}
    }
    if op.watch {
        watch::to_its_end(context, op.tenant, run).await;
    }
}

/// One request for a run.
struct Request<'a> {
    context: &'a Context,
    at: usize,
    body: &'a Value,
    key: &'a str,
    tenant: usize,
}

impl<'a> Request<'a> {
    fn outgoing(&self, body: &'a Value) -> Outgoing<'a> {
        Outgoing {
            tenant: self.tenant,
            path: INTAKE,
            sent: Sent {
                key: Some(self.key),
                ..Sent::json(body)
            },
        }
    }

    /// The run, when it was accepted.
    async fn ask(&self, again: Again) -> Option<String> {
        let (first, _) = match again {
            Again::Together => tokio::join!(self.settled(), async { Some(self.settled().await) }),
            _ => (self.settled().await, None),
        };
        if again == Again::After {
            self.settled().await;
        }
        first
    }

    async fn settled(&self) -> Option<String> {
        let note = |answered: &_, _: &_| self.context.recorder.answered(self.at, Clone::clone(answered));
        match settle(self.context, self.outgoing(self.body), note).await {
            Some((Fate::Accepted { run, .. }, _)) => Some(run),
            _ => None,
        }
    }

    /// Asks for something else under the same key, once.
    async fn clash(&self) {
        let mut other = self.body.clone();
        other["payload"]["another"] = json!(true);
        let (answered, _) = once(self.context, 0, self.outgoing(&other)).await;
        self.context.recorder.clashed(self.at, answered);
    }
}

async fn cancel(context: &Context, op: &Op, key: &str, run: &str) {
    let at = context.recorder.cancel(Cancel {
        op: key.to_owned(),
        run: run.to_owned(),
        answers: Vec::new(),
    });
    let body = json!({});
    let outgoing = Outgoing {
        tenant: op.tenant,
        path: &format!("/api/v1/runs/{run}/cancel"),
        sent: Sent::json(&body),
    };
    let note = |answered: &_, _: &_| context.recorder.cancel_answered(at, Clone::clone(answered));
    settle(context, outgoing, note).await;
}
