//! A call under way, and everything that may end it early: its deadline, its run's inbox, a drain, a doubtful lease,
//! a lost fence.

use std::{pin::Pin, sync::atomic::Ordering::Relaxed, time::Duration};

use levqor_engine::{Action, Call, CallResult, Machine};
use levqor_store::Timestamp;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Ending, attempt, fault::Fault, live::Live};
use crate::{
    lease::{self, Lease},
    shared::Shared,
};

/// How long a cancelled call may take to come to an end by itself before it is dropped.
const GRACE: Duration = Duration::from_secs(1);

/// What the loop does next.
pub(super) enum After {
    /// Ask the machine.
    Advance,
    /// The machine has been asked already.
    Do(Box<Action>),
    /// Nothing: this worker's part is over.
    Leave(Ending),
}

/// Why a call was looked at.
enum Interrupt {
    Done(CallResult),
    Deadline,
    Inbox,
    Gone,
    Hurry,
    Doubt,
}

/// The call's future, and how it is told to stop.
struct Running<'r> {
    attempt: Pin<Box<dyn Future<Output = CallResult> + Send + 'r>>,
    /// Cancels too when all of this is dropped: an activity may have tasks of its own.
    stop: DropGuard,
    deadline: Option<Instant>,
}

impl Running<'_> {
    /// Cancels, waits for the grace, drops. A success that came in time is not thrown away.
    async fn stop(self) -> Option<CallResult> {
        drop(self.stop);
        timeout(GRACE, self.attempt)
            .await
            .ok()
            .filter(|result| result.result.is_ok())
    }
}

impl<'r> Live<'_, 'r> {
    /// Performs the call and tells the machine what came out.
    pub(super) async fn call(&mut self, call: Call) -> Result<After, Fault> {
        let signals = &self.row.shared.signals;
        let mut lease = self.row.shared.lease.clone();
        tokio::select! {
            biased;
            () = signals.draining.cancelled() => return Ok(After::Leave(Ending::Released)),
            () = lease::held(&mut lease) => {}
        }
        if let Some(fault) = self.row.over_budget().await {
            return Err(fault);
        }
        self.row.held.calling(Some(Instant::now()));
        let after = self.perform(call, &mut lease).await;
        self.row.held.calling(None);
        after
    }

    async fn perform(&mut self, call: Call, lease: &mut watch::Receiver<Lease>) -> Result<After, Fault> {
        let path = call.path.clone();
        let mut running = self.begin(call);
        loop {
            let interrupt = self.wait(&mut running, lease).await;
            if !matches!(interrupt, Interrupt::Done(_) | Interrupt::Inbox) {
                self.row.shared.stats.stopped_attempts.increment();
            }
            let done = match interrupt {
                Interrupt::Done(result) => Some(result),
                Interrupt::Inbox => match self.other_action(&path).await? {
                    None => continue,
                    Some(action) => {
                        running.stop().await;
                        return Ok(After::Do(Box::new(action)));
                    }
                },
                Interrupt::Deadline => {
                    running.stop().await;
                    self.with_env(Machine::time_out);
                    return Ok(After::Advance);
                }
                Interrupt::Gone => {
                    running.stop().await;
                    return Ok(After::Leave(Ending::Fenced));
                }
                Interrupt::Hurry => match running.stop().await {
                    None => return Ok(After::Leave(Ending::Released)),
                    done => done,
                },
                // The machine will ask for the same call, with the same key, once the lease is sure again.
                Interrupt::Doubt => running.stop().await,
            };
            if let Some(result) = done {
                self.with_env(|machine, env| machine.call_result(result, env));
            }
            return Ok(After::Advance);
        }
    }

    fn begin(&self, call: Call) -> Running<'r> {
        let shared: &'r Shared = self.row.shared;
        let stop = CancellationToken::new();
        let deadline = call.deadline.map(|at| shared.clock.instant(Timestamp(at)));
        let context = attempt::context(self.row, &call, deadline, stop.clone());
        let attempt = Box::pin(attempt::perform(shared, context, call.kind));
        Running {
            attempt,
            stop: stop.drop_guard(),
            deadline,
        }
    }

    async fn wait(&self, running: &mut Running<'_>, lease: &mut watch::Receiver<Lease>) -> Interrupt {
        let (held, shared) = (self.row.held, self.row.shared);
        let deadline = running.deadline;
        tokio::select! {
            biased;
            // A call that has not begun does not begin, if this process stood still for longer than its lease.
            done = lease::while_sure(&shared.lease, &mut running.attempt) => done.map_or(Interrupt::Doubt, Interrupt::Done),
            () = held.gone.cancelled() => Interrupt::Gone,
            () = held.moved.notified() => Interrupt::Inbox,
            () = until(deadline) => Interrupt::Deadline,
            () = shared.signals.hurry.cancelled() => Interrupt::Hurry,
            () = lease::doubtful(lease) => Interrupt::Doubt,
        }
    }

    /// Folds what came into the inbox; the action, when the machine now wants another than this call.
    async fn other_action(&mut self, path: &str) -> Result<Option<Action>, Fault> {
        let folded = self.row.held.folded.load(Relaxed);
        match self.row.shared.env.store.inbox_after(self.row.id, folded).await {
            Ok(rows) => {
                self.fold(&rows)?;
                self.row.shared.stats.inbox_looks.increment();
            }
            Err(error) => {
                // The watch comes round again.
                tracing::debug!(run = %self.row.id, %error, "the inbox cannot be read");
                return Ok(None);
            }
        }
        Ok(match self.advance() {
            Action::Call(same) if same.path == path => None,
            action => Some(action),
        })
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
