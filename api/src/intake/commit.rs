//! The commit of runs as a span: work given to whoever claims it.

use levqor_store::batch::BatchError;
use levqor_trace::{Span, SpanId, SpanKind};

use crate::{auth::Caller, state::Shared};

/// Waits for the commit of so many runs.
pub(crate) async fn committed<T>(
    shared: &Shared,
    caller: Caller,
    runs: usize,
    commit: impl Future<Output = Result<T, BatchError>>,
) -> Result<T, BatchError> {
    let tracer = &shared.api.options.tracer;
    let Some(request) = caller.trace.filter(|trace| tracer.records(*trace)) else {
        return commit.await;
    };
    let from = shared.api.clock.now();
    let outcome = commit.await;
    let context = request.at(SpanId::from_random(shared.api.ids.random()));
    let at = (from.0, shared.api.clock.now().0);
    let span = Span::new(context, Some(request.span), "intake", SpanKind::Producer, at)
        .with("levqor.tenant", caller.tenant.to_string())
        .with("levqor.runs", i64::try_from(runs).unwrap_or(i64::MAX))
        .failed(outcome.as_ref().err().map(kind));
    tracer.record(span);
    outcome
}

fn kind(error: &BatchError) -> &'static str {
    match error {
        BatchError::Overloaded => "overloaded",
        BatchError::Closed => "closed",
        BatchError::Unavailable(_) => "unavailable",
        BatchError::Refused(_) => "refused",
        _ => "other",
    }
}
