//! One attempt of an effect.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use levqor_engine::{Call, CallFailure, CallKind, CallResult};
use levqor_store::RunId;
use levqor_trace::{SpanId, TraceContext};
use serde_json::Value;
use tokio::{sync::SemaphorePermit, time::Instant};
use tokio_util::sync::CancellationToken;

use super::row::Row;
use crate::{
    activity::{ActivityError, Context, ProgressMap, Unavailable},
    http,
    observer::Attempted,
    shared::Shared,
    trace::Attempt,
};

/// What an attempt is told.
pub(super) fn context(
    row: &Row<'_>,
    call: &Call,
    deadline: Option<Instant>,
    stop: CancellationToken,
) -> Context {
    Context {
        run: row.id,
        tenant: row.tenant,
        ours: row.is_ours(),
        epoch: row.epoch,
        path: call.path.clone(),
        attempt: call.attempt,
        idempotency_key: call.idempotency_key.clone(),
        trace: span(row),
        deadline,
        cancellation: stop,
        progress: row.shared.progress.clone(),
        environment: row.shared.env.clone(),
    }
}

/// The attempt's span when it is recorded, else what came with the run.
fn span(row: &Row<'_>) -> Option<TraceContext> {
    let own = || SpanId::from_random(row.shared.env.ids.random());
    let trace = row.trace?;
    Some(if row.traced.is_some() {
        trace.at(own())
    } else {
        trace
    })
}

/// Forgets the attempt's progress, also when it is dropped half-way.
struct Progressing<'a>(&'a ProgressMap, RunId);

impl Drop for Progressing<'_> {
    fn drop(&mut self) {
        self.0.clear(self.1);
    }
}

/// Performs the effect once. A panic is a failed attempt like any other.
pub(super) async fn perform(shared: &Shared, context: Context, kind: CallKind) -> CallResult {
    let permit = permit(shared, &context).await;
    let started_at = shared.clock.now();
    let _progressing = Progressing(&context.progress, context.run);
    let call = match &kind {
        CallKind::Http(_) => None,
        CallKind::Activity { name, .. } => Some(name.clone()),
    };
    let tracer = &shared.options.tracer;
    let span = Attempt::of(tracer, &context, &kind);
    let result = match permit {
        Ok(_permit) => guarded(shared, &context, kind).await,
        Err(error) => Err(error),
    };
    let ended_at = shared.clock.now();
    tell(shared, call.as_deref(), &result, ended_at.since(started_at));
    let result = result.map_err(CallFailure::from);
    if let Some(span) = span {
        tracer.record(span.over(&context, (started_at, ended_at), &result));
    }
    CallResult {
        started_at: started_at.0,
        ended_at: ended_at.0,
        result,
    }
}

/// Counts the attempt. `call` is the activity; None for an HTTP call, of which an answer may be a failure.
fn tell(shared: &Shared, call: Option<&str>, result: &Result<Value, ActivityError>, took: Duration) {
    let failed = match result {
        Ok(answer) => call.is_none() && http::is_error(answer),
        Err(_) => true,
    };
    shared.env.observer.attempted(&Attempted {
        call: call.unwrap_or("http"),
        failed,
        took,
    });
    if failed {
        shared.stats.failed_attempts.increment();
    }
}

async fn permit<'a>(shared: &'a Shared, context: &Context) -> Result<SemaphorePermit<'a>, ActivityError> {
    tokio::select! {
        biased;
        () = context.cancellation.cancelled() => Err(ActivityError::cancelled()),
        permit = shared.activity_permits.acquire() => permit.map_err(|_closed| ActivityError::cancelled()),
    }
}

async fn guarded(shared: &Shared, context: &Context, kind: CallKind) -> Result<Value, ActivityError> {
    shared.stats.attempts.increment();
    let outcome = AssertUnwindSafe(effect(shared, context, kind))
        .catch_unwind()
        .await;
    outcome.unwrap_or_else(|panic| {
        shared.stats.panics.increment();
        tracing::error!(run = %context.run, tenant = %context.tenant, path = context.path, "an activity panicked");
        Err(ActivityError::retry(message(&*panic)).title("Activity panicked"))
    })
}

async fn effect(shared: &Shared, context: &Context, kind: CallKind) -> Result<Value, ActivityError> {
    match kind {
        CallKind::Http(request) => http::perform(&shared.env.egress, request, context).await,
        CallKind::Activity { name, input } => match shared.env.registry.get(&name, context.ours) {
            Ok(activity) => activity.run_json(input, context).await,
            Err(Unavailable::Unknown) => Err(unknown(&name)),
            Err(Unavailable::Reserved) => Err(reserved(&name)),
        },
    }
}

/// The document was accepted by a program that knew it.
fn unknown(name: &str) -> ActivityError {
    ActivityError::fail(format!("this worker has no activity named {name:?}"))
        .title("Unknown activity")
        .kind("configuration", 400)
}

/// The document was accepted before the activity was there, or past the API.
fn reserved(name: &str) -> ActivityError {
    ActivityError::fail(format!("{name:?} is for processes of the installation only"))
        .title("Reserved activity")
        .kind("authorization", 403)
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it panicked without a message".into())
}
