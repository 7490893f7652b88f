//! From a well-formed request to a committed run.

use levqor_store::{IdempotencyClaim, IntakeFate, NewRun, RunId, Timestamp, batch::BatchError};

use super::{RunRequest, hash::request_hash};
use crate::{
    auth::Caller,
    budgets,
    catalogue::WorkflowName,
    doorbell::Early,
    error::{Code, Problem},
    state::Shared,
};

/// Where the payload lies in a request.
const PAYLOAD_POINTER: &str = "/payload";

/// A run that was accepted, now or by an earlier request with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub run: RunId,
    pub replayed: bool,
}

/// Finds the workflow, checks the payload and makes the row to insert.
pub(crate) async fn prepare(shared: &Shared, caller: Caller, request: RunRequest) -> Result<NewRun, Problem> {
    if request.namespace == levqor_processes::NAMESPACE {
        let detail = "Processes of the installation are started by their operations.";
        return Err(Problem::new(Code::NamespaceReserved, detail).at("/workflow"));
    }
    let request_hash = request
        .idempotency_key
        .is_some()
        .then(|| request_hash(&request))
        .transpose()?;
    let name = WorkflowName {
        tenant: caller.tenant,
        namespace: request.namespace,
        name: request.name,
    };
    let workflow = shared
        .catalogue
        .resolve(shared.store(), || shared.now(), &name, request.version.as_deref())
        .await
        .map_err(|problem| {
            if problem.code() == Code::WorkflowNotFound {
                problem.at("/workflow")
            } else {
                problem
            }
        })?;
    workflow
        .check(&shared.lanes, caller.tenant, &request.payload, PAYLOAD_POINTER)
        .await?;
    budgets::check(shared, caller, &name).await?;
    let keep = shared.api.options.idempotency_keep;
    let claim = |(key, request_hash)| IdempotencyClaim {
        key,
        request_hash,
        keep,
    };
    Ok(NewRun {
        id: RunId(shared.api.ids.uuid_v7()),
        tenant: caller.tenant,
        workflow: workflow.id,
        priority: request.priority,
        run_at: request.run_at,
        input: request.payload.into(),
        callback_url: request.callback_url,
        idempotency: request.idempotency_key.zip(request_hash).map(claim),
        key: Some(caller.key),
        trace: caller.trace,
    })
}

/// Whether a run may start at once, as far as this process's clock can tell: it takes a place in the backlog then.
pub(crate) fn starts_now(shared: &Shared, run_at: Option<Timestamp>) -> bool {
    run_at.is_none_or(|at| at <= shared.api.clock.now())
}

/// What the batcher's answer means for the caller; rings the doorbell for a run that is ready.
pub(crate) fn settle(
    shared: &Shared,
    run: RunId,
    priority: i16,
    early: Early,
    fate: Result<IntakeFate, BatchError>,
) -> Result<Accepted, Problem> {
    match fate.map_err(|error| submit_problem(&error))? {
        IntakeFate::Accepted { ready } => {
            if ready {
                shared.backlog.accepted(priority);
                shared.doorbell.ring_new(priority, run, early);
            }
            shared.measured.accepted(1);
            Ok(Accepted { run, replayed: false })
        }
        IntakeFate::Existing { run } => Ok(Accepted { run, replayed: true }),
        IntakeFate::KeyConflict { run } => {
            let detail = "The idempotency key was used before with another request.";
            Err(Problem::new(Code::IdempotencyConflict, detail).job(run))
        }
    }
}

/// What a caller sees of an error of a batcher.
pub(crate) fn submit_problem(error: &BatchError) -> Problem {
    let unavailable = |detail: &str| Problem::new(Code::Unavailable, detail).retry_after(2);
    match error {
        BatchError::Overloaded => {
            Problem::new(Code::Overloaded, "Too many writes wait for the database.").retry_after(1)
        }
        BatchError::Closed => unavailable("This server is shutting down."),
        BatchError::Unavailable(reason) => {
            tracing::warn!(reason, "write not committed in time");
            unavailable("The database did not answer in time; the write may or may not have happened.")
        }
        BatchError::Refused(reason) => {
            tracing::warn!(reason, "write refused");
            Problem::new(
                Code::BadRequest,
                "The database cannot hold a value of this request.",
            )
        }
        other => {
            tracing::error!(error = %other, "write failed");
            Problem::new(Code::Internal, "The write failed.")
        }
    }
}
